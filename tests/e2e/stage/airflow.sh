# Sourced by tests/e2e/run: the real Airflow of both major versions, each in an environment of its own.

# It fetches the packages side by side, where pip takes minutes.
uv_version=0.13.9

# real_airflow VERSION REQUIREMENTS: prints the folder of a major version.
real_airflow() {
    cached "airflow-$1" "$(key_of "$here/stage/airflow.sh" "$2" "$(python3 --version)")" build_airflow "$1" "$2"
}

# build_airflow FOLDER VERSION REQUIREMENTS: the environment, and an empty database of Airflow's in airflow.db.
# The folder is moved when it is whole: run it as `bin/python -m …`, the programs beside it name the old place.
build_airflow() {
    local folder="$1" version="$2" requirements="$3" uv="$1/uv" home="$1/home"
    python3 -m venv "$uv"
    "$uv/bin/python" -m pip install --quiet "uv==$uv_version"
    python3 -m venv --without-pip "$folder"
    # The lists are complete: there is nothing to resolve. Compiled here, because those who run it may not write here.
    "$uv/bin/uv" pip install --quiet --python "$folder/bin/python" --no-cache --no-deps --compile-bytecode \
        --requirement "$requirements"
    AIRFLOW_HOME="$home" "$folder/bin/python" -m airflow db migrate
    mv "$home/airflow.db" "$folder/airflow.db"
    rm -rf "$uv" "$home"
    "$folder/bin/python" -W ignore -c 'import sys; from importlib.metadata import version
assert version("apache-airflow").split(".")[0] == sys.argv[1]' "$version"
}
