import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { UserIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { callerQuery } from "../api/access";
import { projectQuery } from "../api/projects";
import { messageOf } from "../api/problem";
import { ROLES } from "../members/roles";
import { notify } from "../ui/notices";
import { logOut } from "./requests";
import { roleIn } from "./role";

/** Who is logged in, with their role where they are, and the way out. */
export function Person() {
  const [open, setOpen] = useState(false);
  const { project } = useParams();
  const caller = useQuery(callerQuery).data;
  const details = useQuery({ ...projectQuery(project ?? ""), enabled: Boolean(project) }).data;
  if (!caller || caller.mode === "DISABLED") {
    return null;
  }
  const role = roleIn(caller, details?.id);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: "right" }}
      toggle={(toggle) => (
        <MenuToggle ref={toggle} variant="plainText" icon={<UserIcon />} isExpanded={open} onClick={() => setOpen(!open)}>
          {caller.name}
          {role && ` (${ROLES[role][0]})`}
          {caller.tenant && caller.tenant !== "default" && `, ${caller.tenant}`}
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => logOut().catch((error) => notify(messageOf(error), "danger"))}>Log out</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
