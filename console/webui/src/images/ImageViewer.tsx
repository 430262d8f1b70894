import { Button, Content, Modal, ModalBody, ModalHeader } from "@patternfly/react-core";
import { AngleLeftIcon, AngleRightIcon } from "@patternfly/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useState } from "react";
import { useSearchParams } from "react-router";
import { ask, dataset } from "../api/client";
import { messageOf } from "../api/problem";
import type { Image, PageOf, ProjectDetails } from "../api/types";
import { Failure } from "../ui/Failure";
import { LoadingBlock } from "../ui/loading";
import { notify } from "../ui/notices";
import { withParameters } from "../ui/search";
import { ImageFacts } from "./ImageFacts";
import { MaskControls, maskOpacity } from "./MaskControls";
import { MaskOverlay } from "./MaskOverlay";
import { NewName } from "./NewName";
import { ImageHistory } from "./ImageHistory";
import { content } from "./urls";
import type { Images } from "./useImages";

interface Props {
  project: ProjectDetails;
  labels: string[];
  /** The images of the grid, to go on to the next one. */
  images: Images;
  sha256: string;
  onShow: (sha256: string) => void;
  onClose: () => void;
}

/** One image, large. Digits label it and go on to the next one; arrows move. With ?mask=OPACITY, its mask lies over it. */
export function ImageViewer({ project, labels, images, sha256, onShow, onClose }: Props) {
  const heading = useId();
  const [naming, setNaming] = useState(false);
  const [search, setSearch] = useSearchParams();
  const opacity = maskOpacity(search.get("mask"));
  const setOpacity = (chosen: number | undefined) =>
    setSearch(withParameters({ mask: chosen?.toString() }), { replace: true });
  const queries = useQueryClient();
  const index = images.indexOf(sha256);
  const path = { project: project.name, sha256 };
  const image = useQuery({
    queryKey: ["image", project.name, sha256],
    queryFn: ({ signal }) =>
      ask(dataset.GET("/api/v1/projects/{project}/images/{sha256}", { params: { path }, signal })) as Promise<Image>,
    initialData: images.at(index),
    initialDataUpdatedAt: 0,
  });
  const relabel = useMutation({
    mutationFn: ({ of, label }: { of: string; label: string }) =>
      ask(
        dataset.PATCH("/api/v1/projects/{project}/images/{sha256}", {
          params: { path: { project: project.name, sha256: of } },
          body: { label },
        }),
      ) as Promise<Image>,
    onSuccess: (changed) => {
      queries.setQueryData(["image", project.name, changed.sha256], changed);
      // In place: the image stays where it is until the grid is loaded again.
      queries.setQueriesData<PageOf<Image>>({ queryKey: ["projects", project.name, "images"] }, (data) =>
        data && replaced(data, changed),
      );
      // A history that is being loaded for the first time is that before the change, and is not loaded again by itself.
      const history = { queryKey: ["image", project.name, changed.sha256, "history"] };
      void queries.cancelQueries(history).then(() => queries.invalidateQueries(history));
      void queries.invalidateQueries({ queryKey: ["projects", project.name], exact: true });
      void queries.invalidateQueries({ queryKey: ["projects", project.name, "images", "facets"] });
    },
    onError: (error) => notify(messageOf(error), "danger"),
  });
  const move = (by: number) => {
    const next = images.at(index + by);
    if (index >= 0 && next) {
      onShow(next.sha256);
    }
  };
  const label = (chosen: string, thenMove: boolean) => {
    relabel.mutate({ of: sha256, label: chosen });
    if (thenMove) {
      move(1);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest("input, select, textarea, [role=slider]")) {
      return;
    }
    const digit = /^[1-9]$/.test(event.key) ? labels[Number(event.key) - 1] : undefined;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      move(event.key === "ArrowRight" ? 1 : -1);
    } else if (digit) {
      label(digit, true);
    }
  };
  return (
    <Modal isOpen variant="large" onClose={onClose} aria-labelledby={heading} onKeyDown={press} className="image-viewer">
      <ModalHeader title={image.data?.name ?? "Image"} labelId={heading} />
      <ModalBody tabIndex={0}>
        {image.isError && <Failure title="The image could not be loaded" error={image.error} />}
        {!image.data && image.isPending && <LoadingBlock text="Loading the image" />}
        {image.data && (
          <div className="viewer">
            <div className="viewer-image">
              <div className="viewer-frame">
                <img src={content(project.name, sha256)} alt={image.data.name} />
                {image.data.maskSha256 && opacity !== undefined && (
                  <MaskOverlay project={project.name} sha256={sha256} opacity={opacity / 100} />
                )}
              </div>
              <div className="viewer-steps">
                <Button variant="secondary" icon={<AngleLeftIcon />} isDisabled={index <= 0} onClick={() => move(-1)}>
                  Previous
                </Button>
                <Button
                  variant="secondary"
                  icon={<AngleRightIcon />}
                  iconPosition="end"
                  isDisabled={index < 0 || index >= images.total - 1}
                  onClick={() => move(1)}
                >
                  Next
                </Button>
              </div>
            </div>
            <div className="stack">
              <div role="group" aria-label="Label" className="viewer-labels">
                {labels.map((known, number) => (
                  <Button
                    key={known}
                    size="sm"
                    variant={image.data.label === known ? "primary" : "secondary"}
                    aria-pressed={image.data.label === known}
                    onClick={() => label(known, false)}
                  >
                    {number < 9 && <kbd className="key">{number + 1}</kbd>} {known}
                  </Button>
                ))}
                {project.task === "CLASSIFICATION" && (
                  <Button size="sm" variant="link" onClick={() => setNaming(true)}>
                    New label…
                  </Button>
                )}
              </div>
              <Content component="small">Digits set the label and go on to the next image; arrows only move.</Content>
              {image.data.maskSha256 && <MaskControls opacity={opacity} onChange={setOpacity} />}
              <ImageFacts image={image.data} />
              <ImageHistory project={project.name} sha256={sha256} />
            </div>
          </div>
        )}
        {naming && (
          <NewName
            of="label"
            onChoose={(chosen) => {
              label(chosen, false);
              setNaming(false);
            }}
            onClose={() => setNaming(false)}
          />
        )}
      </ModalBody>
    </Modal>
  );
}

/** Also called for the counts, which have no items. */
const replaced = (page: PageOf<Image>, changed: Image): PageOf<Image> =>
  page.items
    ? { ...page, items: page.items.map((image) => (image.sha256 === changed.sha256 ? changed : image)) }
    : page;
