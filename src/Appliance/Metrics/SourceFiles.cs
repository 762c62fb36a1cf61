using System;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>The kernel's files as collectors read them: below roots, opened once, each time from their start.</summary>
/// <remarks>
/// Not for several threads at once: all files share one buffer, so that a scrape needs as much memory as its longest file. What
/// is read stays there until the next file is read whole. The frame runs one scrape at a time.
/// </remarks>
internal sealed class SourceFiles
{
    /// <summary>How many files stay open unless settings say otherwise; more are opened for each scrape.</summary>
    /// <remarks>Origin: a quarter of the usual limit of descriptors (1024), the rest is for connections.</remarks>
    public const int DefaultMaxOpen = 256;

    // Origin: arbitrary. The longest file read is /proc/stat or /proc/vmstat of a machine with hundreds of CPUs, about 100 KB.
    private const int MaxLength = 1 << 20;
    private const int FirstLength = 16 * 1024;

    private readonly int _maxOpen;
    private byte[] _buffer = new byte[FirstLength];
    private int _open;

    public SourceFiles(StatusRoots roots, int maxOpen = DefaultMaxOpen)
    {
        Roots = roots;
        _maxOpen = maxOpen;
    }

    public StatusRoots Roots { get; }

    /// <summary>A file of the proc filesystem; the path has no leading slash. Nothing is opened yet.</summary>
    public SourceFile InProc(string path) => new(this, Path(Roots.InProc(path)));

    /// <summary>A file of the sys filesystem; the path has no leading slash. Nothing is opened yet.</summary>
    public SourceFile InSys(string path) => new(this, Path(Roots.InSys(path)));

    /// <summary>A file below the device's root. Such files are replaced, not rewritten, so they are opened each time.</summary>
    public SourceFile InRoot(string path) => new(this, Path(Roots.InRoot(path)), staysOpen: false);

    /// <summary>A file of this process itself, proc_pid(5), wherever the roots are.</summary>
    public SourceFile OfThisProcess(string name) => new(this, Path($"/proc/self/{name}"));

    /// <summary>A folder of the sys filesystem; the path has no leading slash.</summary>
    public SourceFolder FolderInSys(string path) => new(Path(Roots.InSys(path)));

    /// <summary>A folder below the device's root.</summary>
    public SourceFolder FolderInRoot(string path) => new(Path(Roots.InRoot(path)));

    /// <summary>The descriptors of this process.</summary>
    public static SourceFolder DescriptorsOfThisProcess() => new(Path("/proc/self/fd"));

    /// <summary>Whether one more file may stay open.</summary>
    internal bool TryKeepOpen()
    {
        if (_open >= _maxOpen)
            return false;
        _open++;
        return true;
    }

    internal void Closed() => _open--;

    /// <summary>Reads from the start to the end. A negative result is −errno, or −EFBIG when the file is too long.</summary>
    internal int ReadWhole(int descriptor)
    {
        int length = 0;
        while (true)
        {
            int read = LibC.ReadAt(descriptor, _buffer.AsSpan(length), length);
            if (read <= 0)
                return read < 0 ? read : length;
            length += read;
            if (length < _buffer.Length)
                continue;
            if (length >= MaxLength)
                return LibC.TooLong;
            Array.Resize(ref _buffer, _buffer.Length * 4);
        }
    }

    internal ReadOnlySpan<byte> Text(int length) => _buffer.AsSpan(0, length);

    private static byte[] Path(string path)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }
}
