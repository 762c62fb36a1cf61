using System;
using System.Buffers;
using System.Text;

namespace Appliance.Status;

/// <summary>Hands out the lines of a file that may be of any length, such as a table of routes, a block at a time.</summary>
/// <remarks>As <see cref="LineReader"/> does of a text; memory is bounded however long the file is, time by its greatest length.</remarks>
internal sealed class ListReader : IDisposable
{
    // Origin: arbitrary; the kernel hands out such files by pages of 4 KiB, their lines have up to 200 bytes.
    private const int BlockLength = 16 * 1024;

    // Origin: arbitrary; half a million lines of the kernel's tables, which take it a second or two.
    private const long MaxLength = 64 << 20;

    private readonly int _descriptor;
    private readonly bool _isOurs;
    private readonly bool _hasShortRecords;
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(BlockLength);
    private int _start; // of what was not handed out yet
    private int _end;
    private long _offset; // in the file, of _end
    private bool _isAtEnd;

    /// <summary>Reads the first block; <see cref="Error"/> says whether that was possible.</summary>
    /// <param name="descriptor">Of the file, which is read from its start; or why it could not be opened, as −errno.</param>
    /// <param name="isOurs">Whether it is closed when the list has been read.</param>
    /// <param name="hasShortRecords">Whether <see cref="SequenceFile"/> can tell its end.</param>
    public ListReader(int descriptor, bool isOurs, bool hasShortRecords = false)
    {
        _descriptor = descriptor;
        _isOurs = isOurs;
        _hasShortRecords = hasShortRecords;
        if (descriptor < 0)
            End(descriptor);
        else
            Fill();
    }

    /// <summary>−errno of what could not be opened or read on; 0 when there was no such thing.</summary>
    public int Error { get; private set; }

    /// <summary>Whether there is no such file, which often only means a kernel or a device without the feature.</summary>
    public bool IsMissing => Error == LibC.NoEntry;

    /// <summary>Number of the line read last, counted from 1 as editors do.</summary>
    public int LineNumber { get; private set; }

    /// <summary>After the last line: why it is not the last of the file; null when it is.</summary>
    public string? Fault => Error switch
    {
        LibC.TooLong => "longer than 64 MiB, or a line longer than 16 KiB",
        < 0 => LibC.Describe(Error),
        _ => _start < _end ? "cut in mid-line" : null,
    };

    public static ListReader Open(string path) => new(LibC.OpenForReading(Encoding.UTF8.GetBytes(path + "\0")), isOurs: true);

    /// <summary>Reads the next whole line.</summary>
    /// <param name="line">Valid until the next is read.</param>
    /// <returns>False at the end of the file, when only a part of a line is left, or when no more can be read.</returns>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int length;
        while ((length = _block.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            if (_isAtEnd)
            {
                line = default;
                return false;
            }
            Fill();
        }
        line = _block.AsSpan(_start, length);
        _start += length + 1;
        LineNumber++;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_block);
        if (_isOurs && _descriptor >= 0)
            LibC.CloseDescriptor(_descriptor);
    }

    private void Fill()
    {
        _block.AsSpan(_start, _end - _start).CopyTo(_block);
        _end -= _start;
        _start = 0;
        int room = _block.Length - _end;
        int read = room == 0 || _offset >= MaxLength ? LibC.TooLong : LibC.ReadAt(_descriptor, _block.AsSpan(_end), _offset);
        if (read <= 0)
        {
            End(read);
            return;
        }
        _end += read;
        _offset += read;
        if (_hasShortRecords && SequenceFile.IsAtEnd(read, room))
            End(0);
    }

    private void End(int error)
    {
        Error = error;
        _isAtEnd = true;
    }
}
