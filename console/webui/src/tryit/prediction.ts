import { queryOptions } from "@tanstack/react-query";
import { ask, inference } from "../api/client";
import { ApiError, messageOf } from "../api/problem";
import type { ImagePrediction } from "../api/types";
import { bytes } from "../ui/format";

/** An image that was dropped, chosen, pasted or taken. */
export interface Shot {
  id: string;
  file: File;
}

export interface Timed {
  prediction: ImagePrediction;
  /** From the click to the answer, with the way there and back. */
  totalMillis: number;
}

/**
 * What a version, named by number or alias, says about an image. It is asked once, not again when the window gets the focus.
 *
 * @param product what the image shows, for a version with a memory for each product; nothing if it is not known
 */
export const predictionQuery = (project: string, version: string, product?: string, shot?: Shot) =>
  queryOptions({
    queryKey: ["models", project, "prediction", version, product, shot?.id],
    queryFn: async ({ signal }): Promise<Timed> => {
      const start = performance.now();
      const prediction = (await ask(
        inference.POST("/api/v1/models/{project}/predict", {
          params: { path: { project }, query: { version, heatmap: true, product } },
          // The document calls binary bodies strings.
          body: shot!.file as unknown as string,
          bodySerializer: (image) => image,
          headers: { "Content-Type": shot!.file.type || "application/octet-stream" },
          signal,
        }),
      )) as ImagePrediction;
      return { prediction, totalMillis: performance.now() - start };
    },
    enabled: shot !== undefined,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export interface Refusal {
  text: string;
  /** Whether the Models page is where to go on. */
  models?: boolean;
}

/** What to do about a prediction that failed. */
export function refusal(error: unknown, version: string, file: File): Refusal {
  if (!(error instanceof ApiError)) {
    return { text: messageOf(error) };
  }
  switch (error.code) {
    case "MODEL_NOT_FOUND":
    case "MODEL_VERSION_NOT_FOUND":
    case "ALIAS_NOT_FOUND":
      return { text: `There is no version '${version}'. Choose another one above, or promote one.`, models: true };
    case "MODEL_NOT_READY":
      return { text: error.message, models: true };
    case "IMAGE_UNSUPPORTED":
      return { text: "The file is not an image that Loupe reads. Use JPEG, PNG, WebP, BMP or TIFF." };
    case "IMAGE_DAMAGED":
      return { text: "The image is damaged: not all of it could be read. Save or copy it once more, then try again." };
    case "QUEUE_FULL":
      return { text: "Too many images wait for the model. Try again in some seconds." };
  }
  if (error.status === 413) {
    return {
      text: `The image is too large for a prediction: ${bytes(file.size)}. Make it smaller, or save it as JPEG.`,
    };
  }
  return { text: error.message };
}
