import { ask, dataset, inference } from "../api/client";
import type { LoggedPrediction } from "../api/types";

/** Reports what is true about a prediction; null takes it out of the review queue without an outcome. */
export async function decide(project: string, prediction: LoggedPrediction, label: string | null) {
  const params = { path: { project, prediction: prediction.id } };
  await (label === null
    ? ask(inference.PUT("/api/v1/models/{project}/predictions/{prediction}/reviewed", { params }))
    : ask(inference.PUT("/api/v1/models/{project}/predictions/{prediction}/outcome", { params, body: { label } })));
}

/**
 * Adds the image of a prediction, which the log has kept, to the images of the project, for the next dataset version. An image
 * that the project has already stays as it is.
 */
export async function addToProject(project: string, prediction: LoggedPrediction, label: string) {
  const image = (await ask(
    inference.GET("/api/v1/models/{project}/predictions/{prediction}/image", {
      params: { path: { project, prediction: prediction.id } },
      parseAs: "blob",
    }),
  )) as unknown as Blob;
  await ask(
    dataset.POST("/api/v1/projects/{project}/images", {
      params: {
        path: { project },
        query: { label, product: prediction.product, name: prediction.id },
      },
      // The document calls binary bodies strings.
      body: image as unknown as string,
      bodySerializer: (body) => body,
      headers: { "Content-Type": image.type },
    }),
  );
}
