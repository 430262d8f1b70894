import {
  ActionGroup,
  Breadcrumb,
  BreadcrumbItem,
  Button,
  Form,
  FormGroup,
  FormSelect,
  FormSelectOption,
} from "@patternfly/react-core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ask, training } from "../api/client";
import { recipesQuery } from "../api/runs";
import type { Search } from "../api/types";
import { useProject } from "../projects/ProjectScope";
import { Failure } from "../ui/Failure";
import { Screen } from "../ui/Screen";
import { TextField } from "../ui/TextField";
import { LoadingRows } from "../ui/loading";
import { parameterLabel, wrongWhole } from "../runs/parameters";
import { METHODS } from "./SearchLabel";

const MOST_TRIALS = 1000;

/** Starts a search over the parameters that the catalogue names; with ?recipe=NAME of that recipe. */
export function NewSearchPage() {
  const project = useProject();
  const recipes = useQuery(recipesQuery);
  return (
    <Screen
      title="New search"
      of={project.name}
      lead="Tries parameters of a recipe, each in a run, and chooses on the DEV images."
      above={
        <Breadcrumb>
          <BreadcrumbItem render={({ className }) => <Link className={className} to="../searches">Searches</Link>} />
          <BreadcrumbItem isActive>New search</BreadcrumbItem>
        </Breadcrumb>
      }
    >
      {recipes.isPending && <LoadingRows text="Loading the form" />}
      {recipes.isError && <Failure title="The form could not be loaded" error={recipes.error} retry={() => recipes.refetch()} />}
      {recipes.data && (
        <NewSearchForm
          project={project.name}
          recipes={recipes.data.filter(({ task, search }) => task === project.task && Object.keys(search ?? {}).length > 0)}
        />
      )}
    </Screen>
  );
}

function NewSearchForm({ project, recipes }: { project: string; recipes: { name: string; search?: object }[] }) {
  const navigate = useNavigate();
  const asked = useSearchParams()[0].get("recipe");
  const [name, setName] = useState(recipes.find((recipe) => recipe.name === asked)?.name ?? recipes[0]?.name ?? "");
  const [method, setMethod] = useState<Search["method"]>("TPE");
  const [trials, setTrials] = useState("20");
  const wrong = wrongWhole(trials, 1, MOST_TRIALS);
  const start = useMutation({
    mutationFn: () =>
      ask(
        training.POST("/api/v1/searches", {
          body: { project, recipe: { name }, method, trials: Number(trials) } as never,
        }),
      ) as unknown as Promise<Search>,
    onSuccess: (search) => navigate(`../searches/${search.id}`),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) {
      start.mutate();
    }
  };
  const varied = Object.keys(recipes.find((recipe) => recipe.name === name)?.search ?? {});
  return (
    <Form onSubmit={send} noValidate isWidthLimited>
      <FormGroup label="Recipe" fieldId="search-recipe">
        <FormSelect id="search-recipe" value={name} onChange={(_, value) => setName(value)}>
          {recipes.map((recipe) => (
            <FormSelectOption key={recipe.name} value={recipe.name} label={recipe.name} />
          ))}
        </FormSelect>
        <p className="quiet">It varies: {varied.map(parameterLabel).join(", ")}. The command line takes other ranges.</p>
      </FormGroup>
      <FormGroup label="Method" fieldId="search-method">
        <FormSelect id="search-method" value={method} onChange={(_, value) => setMethod(value as Search["method"])}>
          {Object.entries(METHODS).map(([value, label]) => (
            <FormSelectOption key={value} value={value} label={label} />
          ))}
        </FormSelect>
      </FormGroup>
      <TextField label="Trials" value={trials} onChange={setTrials} wrong={wrong} />
      {start.isError && <Failure title="The search could not be started" error={start.error} />}
      <ActionGroup>
        <Button type="submit" isDisabled={wrong !== undefined || start.isPending} isLoading={start.isPending}>
          Start search
        </Button>
      </ActionGroup>
    </Form>
  );
}
