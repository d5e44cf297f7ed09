/** Runs commands inside limits that the kernel enforces. The rest is for the command line alone. */
module dev.guard {
  requires com.google.gson;
  requires org.jnrproject.jffi;
  requires org.tomlj;

  exports dev.guard;
}
