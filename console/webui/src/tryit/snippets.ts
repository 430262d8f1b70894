import type { Task } from "../api/types";

/** Ready-to-copy calls of a version, a number or an alias. Services predict with production where none is named. */
export function snippets(project: string, task: Task, chosen: string): { title: string; text: string }[] {
  const version = chosen === "production" ? "" : chosen;
  const selector = JSON.stringify({ model: project, ...(version && { version }) });
  const call = task === "CLASSIFICATION" ? "Classify" : "DetectAnomaly";
  return [
    {
      title: "curl",
      text: `curl -sS --fail-with-body --data-binary @image.png -H 'Content-Type: image/png' \\
  '${location.origin}/api/v1/models/${project}/predict${version && `?version=${version}`}'`,
    },
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
