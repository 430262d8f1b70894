import { Nav, NavGroup, NavItem, NavList, PageSidebar, PageSidebarBody } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useParams } from "react-router";
import { callerQuery } from "../api/access";
import { operates } from "../login/role";

const SCREENS = [
  ["images", "Images"],
  ["findings", "Findings"],
  ["versions", "Dataset versions"],
  ["runs", "Runs"],
  ["searches", "Searches"],
  ["models", "Models"],
  ["predictions", "Predictions"],
  ["try", "Try it"],
  ["members", "Members"],
  ["tokens", "Tokens"],
  ["limits", "Limits"],
  ["audit", "Audit"],
] as const;

export function Navigation() {
  const { project } = useParams();
  const { pathname } = useLocation();
  const caller = useQuery(callerQuery).data;
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label="Main">
          <NavList>
            <Item to="/projects" text="Projects" active={pathname === "/projects"} />
            <Item to="/tokens" text="Tokens" active={pathname === "/tokens"} />
            {caller && operates(caller) && <Item to="/tenants" text="Tenants" active={pathname === "/tenants"} />}
            <Item to="/system" text="System" active={pathname === "/system"} />
            <Item to="/audit" text="Audit" active={pathname === "/audit"} />
          </NavList>
          {project && (
            <NavGroup title={project} className="project-navigation">
              {SCREENS.map(([screen, text]) => {
                const to = `/projects/${encodeURIComponent(project)}/${screen}`;
                return <Item key={screen} to={to} text={text} active={pathname === to || pathname.startsWith(to + "/")} />;
              })}
            </NavGroup>
          )}
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}

function Item({ to, text, active }: { to: string; text: string; active: boolean }) {
  return (
    <NavItem isActive={active} itemId={to}>
      <Link to={to} aria-current={active ? "page" : undefined}>
        {text}
      </Link>
    </NavItem>
  );
}
