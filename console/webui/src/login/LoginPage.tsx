import {
  Alert,
  Button,
  Card,
  CardBody,
  Divider,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  TextInput,
  Title,
} from "@patternfly/react-core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { Failure } from "../ui/Failure";
import { LoadingBlock } from "../ui/loading";
import { useTitle } from "../ui/useTitle";
import "./login.css";
import { PROBLEMS } from "./problems";
import { loginOptions, logInWithToken } from "./requests";
import { returnTo } from "./returnTo";

/** Asks who the person is. `to` in the address is the page that they come back to, `problem` why a login failed. */
export function LoginPage() {
  useTitle("Log in");
  const [search] = useSearchParams();
  const options = useQuery({ queryKey: ["login-options"], queryFn: loginOptions });
  const to = returnTo(search.get("to"), location.origin);
  const problem = search.get("problem");
  const [title, advice] = (problem && (PROBLEMS[problem] ?? PROBLEMS.PROVIDER_FAILED)) || [];
  return (
    <main className="login">
      <Card className="login-card">
        <CardBody className="login-body">
          <div className="login-brand">
            <img src="/favicon.svg" alt="" className="brand-mark" />
            <span className="brand-name">Loupe</span>
          </div>
          <Title headingLevel="h1" size="xl">
            Log in
          </Title>
          {title && (
            <Alert variant="warning" isInline title={title}>
              {advice}
            </Alert>
          )}
          {options.isPending && <LoadingBlock text="Loading" />}
          {options.isError && (
            <Failure title="The page could not be loaded" error={options.error} retry={() => options.refetch()} />
          )}
          {options.data?.mode === "DISABLED" && (
            <Alert variant="danger" isInline title="The console has no login">
              The services ask for one. Set <code>loupe.auth.mode</code> of the console to that of the services.
            </Alert>
          )}
          {options.data?.provider && (
            <>
              <Button component="a" href={`/auth/login?to=${encodeURIComponent(to)}`} isBlock>
                Log in with the identity provider
              </Button>
              <Divider />
            </>
          )}
          {options.data && options.data.mode !== "DISABLED" && <TokenForm to={to} primary={!options.data.provider} />}
        </CardBody>
      </Card>
    </main>
  );
}

function TokenForm({ to, primary }: { to: string; primary: boolean }) {
  const [token, setToken] = useState("");
  const logIn = useMutation({
    mutationFn: () => logInWithToken(token.trim()),
    // Loads the page: nothing of what was shown to an earlier person remains.
    onSuccess: () => location.assign(to),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) {
      logIn.mutate();
    }
  };
  return (
    <Form onSubmit={submit} noValidate>
      <FormGroup label="API token" fieldId="token">
        <TextInput
          id="token"
          type="password"
          value={token}
          autoComplete="off"
          aria-describedby="token-help"
          onChange={(_, text) => setToken(text)}
        />
        <FormHelperText>
          <HelperText id="token-help">
            <HelperTextItem>It begins with loupe_. An administrator creates it.</HelperTextItem>
          </HelperText>
        </FormHelperText>
      </FormGroup>
      {logIn.isError && <Failure title="The login failed" error={logIn.error} />}
      <Button
        type="submit"
        variant={primary ? "primary" : "secondary"}
        isBlock
        isDisabled={!token.trim() || logIn.isPending}
        isLoading={logIn.isPending}
      >
        Log in with the token
      </Button>
    </Form>
  );
}
