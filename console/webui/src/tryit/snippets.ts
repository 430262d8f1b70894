/** Ready-to-copy calls of a model; an empty version stands for production. */
export function snippets(project: string, version: string): { title: string; text: string }[] {
  const option = version ? ` --version ${version}` : "";
  return [
    { title: "Command line", text: `./loupe predict ${project} image.jpg${option}` },
    {
      title: "Python (tritonclient)",
      text: `import numpy as np
import tritonclient.grpc as triton

client = triton.InferenceServerClient("127.0.0.1:9000")
image = triton.InferInput("image", [1, 1], "BYTES")
image.set_data_from_numpy(np.array([[open("image.jpg", "rb").read()]], dtype=object))
result = client.infer("${project}", [image], model_version="${version}")
print({name.name: result.as_numpy(name.name) for name in result.get_response().outputs})`,
    },
    {
      title: "grpcurl",
      text: `grpcurl -plaintext -d '{"model": "${project}"${version ? `, "version": "${version}"` : ""}, "image": "'$(base64 -w0 image.jpg)'"}' \\
  127.0.0.1:9000 loupe.inference.v1.InferenceService/Predict`,
    },
  ];
}
