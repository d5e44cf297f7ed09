package dev.guard.testing;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Shows the files of this machine, of which some can not be opened. */
final class FaultyFiles extends FileSystemProvider {
  private static final FileSystem REAL = FileSystems.getDefault();

  private final Refusal refusal;
  private final FileSystem files = new FaultyFileSystem();

  /** Decides about each open of a file or a directory. */
  interface Refusal {
    void decide(Path path) throws IOException;
  }

  FaultyFiles(Refusal refusal) {
    this.refusal = refusal;
  }

  /** Answers this path as one through which opens can fail. */
  Path wrap(Path path) {
    return (Path)
        Proxy.newProxyInstance(
            Path.class.getClassLoader(), new Class<?>[] {Path.class}, new Wrapped(path));
  }

  private static Path real(Path path) {
    return Proxy.isProxyClass(path.getClass())
        ? ((Wrapped) Proxy.getInvocationHandler(path)).path
        : path;
  }

  private final class Wrapped implements java.lang.reflect.InvocationHandler {
    private final Path path;

    Wrapped(Path path) {
      this.path = path;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (method.getName().equals("getFileSystem")) {
        return files;
      }
      Object[] reals = arguments == null ? new Object[0] : arguments.clone();
      for (int i = 0; i < reals.length; i++) {
        reals[i] = reals[i] instanceof Path p ? real(p) : reals[i];
      }
      try {
        Object answer = method.invoke(path, reals);
        return answer instanceof Path p ? wrap(p) : answer;
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    refusal.decide(path);
    return REAL.provider().newByteChannel(real(path), options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    refusal.decide(directory);
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream =
        REAL.provider().newDirectoryStream(real(directory), entry -> true)) {
      for (Path entry : stream) {
        if (filter.accept(wrap(entry))) {
          entries.add(wrap(entry));
        }
      }
    }
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return entries.iterator();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    REAL.provider().createDirectory(real(directory), attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    REAL.provider().delete(real(path));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    return wrap(REAL.provider().readSymbolicLink(real(link)));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    REAL.provider().checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return REAL.provider().getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return REAL.provider().readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return REAL.provider().readAttributes(real(path), names, options);
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return REAL.provider().isSameFile(real(path), real(other));
  }

  // ---- what nobody needs here

  private static UnsupportedOperationException unneeded() {
    return new UnsupportedOperationException("not needed by Procfs and Cgroupfs");
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw unneeded();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return files;
  }

  @Override
  public Path getPath(URI uri) {
    throw unneeded();
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw unneeded();
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) {
    throw unneeded();
  }

  @Override
  public boolean isHidden(Path path) {
    throw unneeded();
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw unneeded();
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options) {
    throw unneeded();
  }

  private final class FaultyFileSystem extends FileSystem {
    @Override
    public FileSystemProvider provider() {
      return FaultyFiles.this;
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      return List.of(wrap(Path.of("/")));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      throw unneeded();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return REAL.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return wrap(REAL.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
      throw unneeded();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      throw unneeded();
    }

    @Override
    public WatchService newWatchService() {
      throw unneeded();
    }
  }
}
