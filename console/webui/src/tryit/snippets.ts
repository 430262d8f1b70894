import type { Task } from "../api/types";

/** Ready-to-copy calls of a model; an empty version stands for production. */
export function snippets(project: string, task: Task, version: string): { title: string; text: string }[] {
  const selector = JSON.stringify({ model: project, ...(version && { version }) });
  const call = task === "CLASSIFICATION" ? "Classify" : "DetectAnomaly";
  return [
    { title: "Command line", text: `./loupe predict ${project} image.png${version && ` --model-version ${version}`}` },
    {
      title: "Python, with tritonclient[grpc]",
      text: `import numpy as np
import tritonclient.grpc as triton

client = triton.InferenceServerClient("${location.hostname}:9000")
image = triton.InferInput("image", [1], "BYTES")
image.set_data_from_numpy(np.array([open("image.png", "rb").read()], dtype=object))
result = client.infer("${project}", [image], model_version="${version}")
for output in result.get_response().outputs:
    print(output.name, result.as_numpy(output.name))`,
    },
    {
      title: "grpcurl",
      text: `echo '{"selector": ${selector}, "image": "'$(base64 -w0 image.png)'"}' |
  grpcurl -plaintext -d @ ${location.hostname}:9000 loupe.inference.v1.InferenceService/${call}`,
    },
  ];
}
