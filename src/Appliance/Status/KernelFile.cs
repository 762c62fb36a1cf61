using System;
using System.Buffers;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Status;

/// <summary>The whole text of one file of /proc, /sys or /etc in a pooled buffer, or the reason why there is none.</summary>
/// <remarks>
/// These files report length 0 (or a page), so the only way to know the size is to read to the end. Reading never throws:
/// a sensor that answers EIO or an attribute that answers EINVAL is an ordinary event on a device.
/// </remarks>
internal ref struct KernelFile
{
    // Origin: arbitrary. The longest file read here is /proc/self/mountinfo at about 150 bytes a mount, so this is
    // some 7,000 mounts; /proc/stat of a 512-core machine is about 100 KB.
    public const int MaxLength = 1 << 20;

    // A sysfs attribute is at most one page (Documentation/filesystems/sysfs.rst); most of /proc fits as well.
    private const int FirstBufferLength = 4096;

    private byte[]? _buffer;
    private int _length;

    /// <summary>Why nothing could be read, as path and reason; null when <see cref="Text"/> holds the whole file.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether there is no such file, which often only means a kernel or a device without the feature.</summary>
    public bool IsMissing { get; private set; }

    /// <summary>The bytes of the file; empty when <see cref="Error"/> is set. Void after <see cref="Dispose"/>.</summary>
    public readonly ReadOnlySpan<byte> Text => _buffer.AsSpan(0, _length);

    /// <summary>Reads the file to its end.</summary>
    public static KernelFile Read(string path)
    {
        KernelFile file = default;
        try
        {
            // FileShare.Delete and Write: nothing here may stand in the way of whoever owns the file.
            using SafeFileHandle handle =
                File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Fill(handle, path);
        }
        catch (Exception e) when (IoFailure.IsOne(e))
        {
            file.Fail(path, IoFailure.Describe(e));
            file.IsMissing = e is FileNotFoundException or DirectoryNotFoundException;
        }
        return file;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _length = 0;
    }

    private void Fill(SafeFileHandle handle, string path)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferLength);
        while (true)
        {
            int read = RandomAccess.Read(handle, _buffer.AsSpan(_length), _length);
            if (read == 0)
                return;
            _length += read;
            if (_length > MaxLength)
            {
                Fail(path, "longer than 1 MiB");
                return;
            }
            if (_length == _buffer.Length)
                Grow();
        }
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer!.Length * 4);
        Text.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Fail(string path, string reason)
    {
        Dispose();
        Error = string.Concat(path, ": ", reason);
    }
}
