"""What the end-to-end tests stand on: the engine, the stand-ins for AWS, a developer's home and an Astro project."""
