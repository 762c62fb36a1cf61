using System;
using System.Collections.Generic;
using System.Text;
using Appliance.Status;

namespace Appliance.Metrics;

/// <summary>The kernel's files as collectors read them: below roots, opened once, each time from their start.</summary>
/// <remarks>
/// All files that a thread reads share one buffer, so that a scrape needs as much memory as its longest file, and a thread that hangs
/// in a read harms no other. What is read stays there until the thread reads the next file whole. A file is for one thread at a time.
/// </remarks>
internal sealed class SourceFiles
{
    /// <summary>How many files stay open unless settings say otherwise; more are opened for each scrape.</summary>
    /// <remarks>Origin: a quarter of the usual limit of descriptors (1024), the rest is for connections.</remarks>
    public const int DefaultMaxOpen = 256;

    // Origin: arbitrary. The longest file read is /proc/stat or /proc/vmstat of a machine with hundreds of CPUs, about 100 KB.
    private const int MaxLength = 1 << 20;
    private const int FirstLength = 16 * 1024;

    [ThreadStatic]
    private static byte[]? _buffer;

    private readonly HashSet<SourceFile> _open = []; // its own gate
    private int _maxOpen;

    public SourceFiles(StatusRoots roots, int maxOpen = DefaultMaxOpen)
    {
        Roots = roots;
        _maxOpen = maxOpen;
        InterfaceChanges = new InterfaceChanges(isAnnounced: roots.AreOfThisKernel);
    }

    public StatusRoots Roots { get; }

    /// <summary>What to ask before files that tell of network interfaces are read again.</summary>
    public InterfaceChanges InterfaceChanges { get; }

    /// <summary>A file of the proc filesystem; the path has no leading slash. Nothing is opened yet.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="hasShortRecords">Whether <see cref="SequenceFile"/> can tell its end.</param>
    public SourceFile InProc(string path, bool hasShortRecords = false) => new(this, Path(Roots.InProc(path)), hasShortRecords: hasShortRecords);

    /// <summary>A file of the sys filesystem; the path has no leading slash. Nothing is opened yet.</summary>
    public SourceFile InSys(string path) => new(this, Path(Roots.InSys(path)));

    /// <summary>A file below the device's root. Such files are replaced, not rewritten, so they are opened each time.</summary>
    public SourceFile InRoot(string path) => new(this, Path(Roots.InRoot(path)), staysOpen: false);

    /// <summary>A file of this process itself, proc_pid(5), wherever the roots are.</summary>
    public SourceFile OfThisProcess(string name) => new(this, Path($"/proc/self/{name}"));

    /// <summary>A folder of the sys filesystem; the path has no leading slash. A device that is the first of its kind is found within a minute.</summary>
    public SourceFolder FolderInSys(string path) => new(Path(Roots.InSys(path)), isRarelyFilled: true);

    /// <summary>A folder below the device's root.</summary>
    public SourceFolder FolderInRoot(string path) => new(Path(Roots.InRoot(path)));

    /// <summary>The descriptors of this process.</summary>
    public static SourceFolder DescriptorsOfThisProcess() => new(Path("/proc/self/fd"));

    /// <summary>Closes all files, and keeps none open from now on. To be called while nobody reads.</summary>
    public void Close()
    {
        SourceFile[] open;
        lock (_open)
        {
            _maxOpen = 0;
            open = [.. _open];
        }
        foreach (SourceFile file in open)
            file.Dispose();
        InterfaceChanges.Dispose();
    }

    /// <summary>Whether one more file may stay open.</summary>
    internal bool TryKeepOpen(SourceFile file)
    {
        lock (_open)
            return _open.Count < _maxOpen && _open.Add(file);
    }

    internal void Closed(SourceFile file)
    {
        lock (_open)
            _open.Remove(file);
    }

    /// <summary>Reads from the start to the end. A negative result is −errno, or −EFBIG when the file is too long.</summary>
    internal static int ReadWhole(int descriptor, bool hasShortRecords)
    {
        byte[] buffer = _buffer ??= new byte[FirstLength];
        int length = 0;
        while (true)
        {
            int room = buffer.Length - length;
            int read = LibC.ReadAt(descriptor, buffer.AsSpan(length), length);
            if (read <= 0)
                return read < 0 ? read : length;
            length += read;
            if (hasShortRecords && SequenceFile.IsAtEnd(read, room))
                return length;
            if (length < buffer.Length)
                continue;
            if (length >= MaxLength)
                return LibC.TooLong;
            Array.Resize(ref buffer, buffer.Length * 4);
            _buffer = buffer;
        }
    }

    internal static ReadOnlySpan<byte> Text(int length) => _buffer.AsSpan(0, length);

    private static byte[] Path(string path)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }
}
