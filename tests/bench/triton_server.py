"""Triton with its Python backend, from the binaries in the package nvidia-pytriton.

    python triton_server.py MODEL OUTPUT THREADS GRPC_PORT HTTP_PORT FOLDER

Writes a model repository into FOLDER and becomes the server. There are as many instances of the model, each with a process,
as Loupe has threads. PyTriton's own way, in which Triton passes requests on to another program, costs more, so it is not
used.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytriton

CONFIGURATION = """\
backend: "python"
max_batch_size: 0
input [{{ name: "tensor", data_type: TYPE_FP32, dims: [ -1, 3, -1, -1 ] }}]
output [{{ name: "{output}", data_type: TYPE_FP32, dims: [ -1, -1 ] }}]
instance_group [{{ kind: KIND_CPU, count: {threads} }}]
parameters {{ key: "model", value: {{ string_value: "{model}" }} }}
parameters {{ key: "output", value: {{ string_value: "{output}" }} }}
"""


def main():
    model, output, threads, grpc_port, http_port, folder = sys.argv[1:]
    here = Path(__file__).resolve().parent
    triton = Path(pytriton.__file__).parent / "tritonserver"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    network = Path(folder).resolve() / "repository" / "network"
    (network / "1").mkdir(parents=True)
    (network / "config.pbtxt").write_text(CONFIGURATION.format(model=model, output=output, threads=threads))
    shutil.copy(here / "triton_model.py", network / "1" / "model.py")
    shutil.copy(here / "network.py", network / "1")
    # The backend looks for its program, which is made for one version of Python, beside itself.
    backends = network.parents[1] / "backends"
    shutil.copytree(triton / "backends", backends, symlinks=True)
    shutil.copy(triton / "python_backend_stubs" / version / "triton_python_backend_stub", backends / "python")

    libraries = [triton.parents[1] / "nvidia_pytriton.libs", sysconfig.get_config_var("LIBDIR")]
    environment = os.environ | {
        "LD_LIBRARY_PATH": ":".join(str(folder) for folder in libraries),
        # The processes of the model find the packages beside the first Python on the path.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = [
        str(triton / "bin" / "tritonserver"),
        f"--model-repository={network.parent}",
        f"--backend-directory={backends}",
        "--grpc-address=127.0.0.1",
        f"--grpc-port={grpc_port}",
        "--http-address=127.0.0.1",
        f"--http-port={http_port}",
        "--allow-metrics=false",
    ]
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    main()
