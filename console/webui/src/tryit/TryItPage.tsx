import {
  Alert,
  AlertActionLink,
  Card,
  CardBody,
  ClipboardCopy,
  EmptyState,
  EmptyStateBody,
  EmptyStateFooter,
  FormGroup,
  FormSelect,
  FormSelectOption,
  Title,
} from "@patternfly/react-core";
import { CameraIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { ApiError } from "../api/problem";
import { aliasesQuery, modelVersionsQuery } from "../api/models";
import type { AliasMove, ModelVersion, Task } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { useProducts } from "../projects/useProducts";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { LoadingBlock, LoadingRows } from "../ui/loading";
import { withParameters } from "../ui/search";
import { Answer } from "./Answer";
import { Camera } from "./Camera";
import { Heatmap } from "./Heatmap";
import { ImageInput } from "./ImageInput";
import { predictionQuery, refusal, type Shot } from "./prediction";
import { snippets } from "./snippets";
import "../images/images.css";
import "./tryit.css";
import { useObjectUrl } from "./useObjectUrl";

const PRODUCTION = "production";

/** Versions that answer: those that are not in memory are loaded by the first request. */
const answers = ({ state }: ModelVersion) => state === "READY" || state === "UNLOADED";

/** Asks a model about an image. The version or alias that is chosen stands in the address. */
export function TryItPage() {
  const project = useProject();
  const versions = useQuery(modelVersionsQuery(project.name));
  const aliases = useQuery(aliasesQuery(project.name));
  const failed = [versions, aliases].find((query) => query.isError);
  const ready = versions.data?.filter(answers) ?? [];
  return (
    <Screen title="Try it" of={project.name} lead="Show the model an image, and see what it says.">
      {failed && <Failure title="The models could not be loaded" error={failed.error} retry={() => failed.refetch()} />}
      {(versions.isPending || aliases.isPending) && !failed && <LoadingRows text="Loading models" />}
      {versions.data && aliases.data && ready.length === 0 && <NoModel versions={versions.data} />}
      {aliases.data && ready.length > 0 && (
        <Try project={project.name} task={project.task} versions={ready} aliases={aliases.data} />
      )}
    </Screen>
  );
}

function NoModel({ versions }: { versions: ModelVersion[] }) {
  return versions.length === 0 ? (
    <EmptyState titleText="No model to ask yet" headingLevel="h2" icon={CameraIcon}>
      <EmptyStateBody>Train a model first; as soon as it is ready, it answers here.</EmptyStateBody>
      <EmptyStateFooter>
        <Link to="../runs/new">Start a run</Link>
      </EmptyStateFooter>
    </EmptyState>
  ) : (
    <EmptyState titleText="No version can answer now" headingLevel="h2" icon={CameraIcon}>
      <EmptyStateBody>A version that is being loaded answers here within seconds. The models page says what holds the others up.</EmptyStateBody>
      <EmptyStateFooter>
        <Link to="../models">Go to the models</Link>
      </EmptyStateFooter>
    </EmptyState>
  );
}

interface TryProps {
  project: string;
  task: Task;
  versions: ModelVersion[];
  aliases: AliasMove[];
}

function Try({ project, task, versions, aliases }: TryProps) {
  const [search, setSearch] = useSearchParams();
  const [shot, setShot] = useState<Shot>();
  const shots = useRef(0);
  const products = useProducts(project, task);
  const product = search.get("product") ?? undefined;
  const production = aliases.some((move) => move.alias === PRODUCTION);
  const chosen = search.get("version") ?? (production ? PRODUCTION : String(versions[0].number));
  const change = (name: string, value?: string) =>
    setSearch(withParameters({ [name]: value }), { replace: name === "version" || value === undefined });
  const take = (file: File) => {
    setShot({ id: String(++shots.current), file });
    if (search.has("camera")) {
      change("camera");
    }
  };
  return (
    <div className="stack-large">
      {!production && (
        <Alert isInline variant="info" title="No version is in production">
          <Link to="../models">Promote one</Link>, so that clients need not name a version. Until then, choose one here.
        </Alert>
      )}
      <VersionChoice versions={versions} aliases={aliases} chosen={chosen} onChoose={(version) => change("version", version)} />
      {products.length > 0 && <ProductChoice products={products} chosen={product} onChoose={(name) => change("product", name)} />}
      <Prediction project={project} version={chosen} product={product} aliases={aliases} shot={shot} onImage={take} onCamera={() => change("camera", "")} />
      {search.has("camera") && <Camera onImage={take} onClose={() => change("camera")} />}
      <Snippets project={project} task={task} version={chosen} />
    </div>
  );
}

interface ChoiceProps {
  versions: ModelVersion[];
  aliases: AliasMove[];
  chosen: string;
  onChoose: (version: string) => void;
}

function VersionChoice({ versions, aliases, chosen, onChoose }: ChoiceProps) {
  const known = aliases.some(({ alias }) => alias === chosen) || versions.some(({ number }) => String(number) === chosen);
  return (
    <FormGroup label="Version" fieldId="version" className="version-choice">
      <FormSelect id="version" value={chosen} onChange={(_, version) => onChoose(version)}>
        {aliases.map(({ alias, version }) => (
          <FormSelectOption key={alias} value={alias} label={`${alias} (version ${version} now)`} />
        ))}
        {versions.map(({ number }) => (
          <FormSelectOption key={number} value={String(number)} label={`version ${number}`} />
        ))}
        {!known && <FormSelectOption value={chosen} label={`${chosen} (can't answer now)`} />}
      </FormSelect>
    </FormGroup>
  );
}

interface ProductProps {
  products: string[];
  chosen?: string;
  onChoose: (product?: string) => void;
}

/** What the image shows; a version without a memory for each product ignores it. */
function ProductChoice({ products, chosen, onChoose }: ProductProps) {
  return (
    <FormGroup label="Product" fieldId="product" className="version-choice">
      <FormSelect id="product" value={chosen ?? ""} onChange={(_, product) => onChoose(product || undefined)}>
        <FormSelectOption value="" label="Not named: the nearest memory" />
        {products.map((product) => (
          <FormSelectOption key={product} value={product} label={product} />
        ))}
        {chosen && !products.includes(chosen) && <FormSelectOption value={chosen} label={chosen} />}
      </FormSelect>
    </FormGroup>
  );
}

interface PredictionProps {
  project: string;
  version: string;
  product?: string;
  aliases: AliasMove[];
  shot?: Shot;
  onImage: (file: File) => void;
  onCamera: () => void;
}

/** The image, and beside it the answer. */
function Prediction({ project, version, product, aliases, shot, onImage, onCamera }: PredictionProps) {
  const answer = useQuery(predictionQuery(project, version, product, shot));
  const url = useObjectUrl(shot?.file);
  return (
    <div className="try">
      <ImageInput onImage={onImage} onCamera={onCamera}>
        {shot && url && <Heatmap key={url} url={url} name={shot.file.name} anomaly={answer.data?.prediction.anomaly} />}
      </ImageInput>
      {answer.data && <Answer answer={answer.data} aliases={aliases} />}
      {!answer.data && (
        <Card isFullHeight>
          <CardBody>
            {!shot && <p className="quiet">The answer appears here.</p>}
            {shot && answer.isError && (
              <Refused error={answer.error} version={version} file={shot.file} retry={() => void answer.refetch()} />
            )}
            {answer.isFetching && (
              <LoadingBlock text={answer.failureCount > 0 ? "Loupe is busy; the image is sent again" : "Asking the model"} />
            )}
          </CardBody>
        </Card>
      )}
    </div>
  );
}

interface RefusedProps {
  error: unknown;
  version: string;
  file: File;
  retry: () => void;
}

function Refused({ error, version, file, retry }: RefusedProps) {
  const { text, models } = refusal(error, version, file);
  const retryable = error instanceof ApiError && error.retryable;
  return (
    <Alert
      isInline
      variant="danger"
      title="There is no answer"
      actionLinks={retryable && <AlertActionLink onClick={retry}>Try again</AlertActionLink>}
    >
      {text} {models && <Link to="../models">Go to the models</Link>}
    </Alert>
  );
}

function Snippets({ project, task, version }: { project: string; task: Task; version: string }) {
  return (
    <section className="stack measure-wide" aria-labelledby="programs">
      <Title headingLevel="h2" id="programs">
        From a program
      </Title>
      {snippets(project, task, version).map(({ title, text }) => (
        <div key={title} className="stack-small">
          <Title headingLevel="h3" size="md">
            {title}
          </Title>
          <ClipboardCopy isReadOnly isCode isExpanded variant="expansion" hoverTip="Copy" clickTip="Copied" textAriaLabel={title}>
            {text}
          </ClipboardCopy>
        </div>
      ))}
    </section>
  );
}
