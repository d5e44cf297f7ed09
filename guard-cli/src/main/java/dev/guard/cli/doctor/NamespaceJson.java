package dev.guard.cli.doctor;

import com.google.gson.stream.JsonWriter;
import dev.guard.doctor.finding.NamespaceFacts;
import java.io.IOException;

/** The facts about a mount namespace as JSON, see docs/doctor.md. */
final class NamespaceJson {
  private NamespaceJson() {}

  static void write(JsonWriter out, NamespaceFacts facts) throws IOException {
    out.beginObject();
    out.name("id").value(facts.id());
    out.name("host").value(facts.hosts());
    out.name("own").value(facts.own());
    out.name("cause").value(facts.cause());
    out.name("source").value(facts.source());
    out.name("unit").value(facts.unit().orElse(null));
    out.name("directives").beginArray();
    for (String directive : facts.directives()) {
      out.value(directive);
    }
    out.endArray();
    out.name("processes").beginArray();
    for (NamespaceFacts.SeenProcess p : facts.processes()) {
      process(out, p);
    }
    out.endArray();
    out.name("directories").beginArray();
    for (NamespaceFacts.Directory d : facts.directories()) {
      out.beginObject();
      out.name("path").value(d.path());
      out.name("writable").value(d.writable());
      out.name("mount_point").value(d.mountPoint());
      out.name("difference").value(d.difference());
      out.endObject();
    }
    out.endArray();
    out.name("buses").beginArray();
    for (NamespaceFacts.Bus b : facts.buses()) {
      out.beginObject();
      out.name("user").value(b.user());
      out.name("path").value(b.path());
      out.name("reachable").value(b.reachable());
      out.name("reason").value(b.reason());
      out.endObject();
    }
    out.endArray();
    out.endObject();
  }

  private static void process(JsonWriter out, NamespaceFacts.SeenProcess p) throws IOException {
    out.beginObject();
    out.name("pid").value(p.pid());
    out.name("user").value(p.user());
    out.name("why").value(p.why());
    out.name("unit").value(p.unit().orElse(null));
    out.name("manager").value(p.manager().isEmpty() ? null : p.manager());
    out.name("cgroup").value(p.cgroup());
    out.name("command").value(p.command());
    out.endObject();
  }
}
