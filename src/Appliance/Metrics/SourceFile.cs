using System;
using System.Buffers.Text;
using Appliance.Status;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Metrics;

/// <summary>One kernel file: opened when it is first read, then read again from its start.</summary>
/// <remarks>
/// /proc and sysfs make the text anew for a read at offset 0, so an open file costs one call in place of three. A file whose
/// device or module is gone answers an error, and is then looked up again by its path. Reading never throws and, once the file
/// is open, allocates nothing.
/// </remarks>
internal sealed class SourceFile : IDisposable
{
    // A word or number of sysfs; the longest here are udev-like names and available frequencies.
    private const int NumberLength = 32;

    private readonly SourceFiles _files;
    private readonly byte[] _path;
    private readonly bool _staysOpen;
    private readonly bool _hasShortRecords;
    private SafeFileHandle? _open; // its finalizer closes what a reload leaves to a collector that hangs for ever
    private int _result;

    /// <param name="files">Whose number of open files it shares.</param>
    /// <param name="path">With a NUL at its end.</param>
    /// <param name="staysOpen">False where files are replaced by others of the same name.</param>
    /// <param name="hasShortRecords">Whether <see cref="SequenceFile"/> can tell its end.</param>
    public SourceFile(SourceFiles files, byte[] path, bool staysOpen = true, bool hasShortRecords = false)
    {
        _files = files;
        _path = path;
        _staysOpen = staysOpen;
        _hasShortRecords = hasShortRecords;
    }

    /// <summary>After a read that failed: whether there is no such file, which often only means a kernel without the feature.</summary>
    public bool IsMissing => _result == LibC.NoEntry;

    /// <summary>Reads the whole file.</summary>
    /// <param name="text">Valid until this thread reads any file whole.</param>
    /// <returns>False when it cannot be read, for whatever reason.</returns>
    public bool TryRead(out ReadOnlySpan<byte> text)
    {
        bool read = TryRead(default, isWhole: true);
        text = read ? SourceFiles.Text(_result) : default;
        return read;
    }

    /// <summary>Reads a list of any length, line by line. To be disposed before the file is read again.</summary>
    public ListReader ReadLines()
    {
        ListReader? lines = _open is null ? null : new ListReader(Descriptor(_open), isOurs: false, _hasShortRecords);
        if (lines is not null && IsGone(lines.Error))
        {
            lines.Dispose();
            Dispose();
            lines = null;
        }
        lines ??= new ListReader(Open(), isOurs: _open is null, _hasShortRecords);
        _result = lines.Error;
        return lines;
    }

    /// <summary>Reads an attribute of sysfs, or a file of /proc/sys, which comes in one piece, without the blanks around it.</summary>
    /// <param name="buffer">Room for it. A longer one counts as unreadable: half of a value is none.</param>
    /// <param name="value">A part of <paramref name="buffer"/>; may be empty.</param>
    public bool TryReadValue(Span<byte> buffer, out ReadOnlySpan<byte> value)
    {
        bool read = TryRead(buffer, isWhole: false) && _result < buffer.Length;
        value = read ? buffer[.._result].Trim(" \t\n\0"u8) : default;
        return read;
    }

    /// <summary>Reads an attribute that is a decimal number, with a sign or not, or a hexadecimal one that begins with 0x.</summary>
    public bool TryReadNumber(out long number)
    {
        number = 0;
        if (!TryReadValue(stackalloc byte[NumberLength], out ReadOnlySpan<byte> value))
            return false;
        bool isHexadecimal = value.StartsWith("0x"u8);
        ReadOnlySpan<byte> digits = isHexadecimal ? value[2..] : value;
        return Utf8Parser.TryParse(digits, out number, out int used, isHexadecimal ? 'x' : '\0') && used == digits.Length;
    }

    /// <summary>
    /// Whether reading again could give another text. False only for an open file whose changes the kernel announces.
    /// </summary>
    public bool MayHaveChanged() => _open is null || LibC.MayHaveChanged(Descriptor(_open));

    public void Dispose()
    {
        if (_open is null)
            return;
        _open.Dispose();
        _open = null;
        _files.Closed(this);
    }

    private bool TryRead(Span<byte> buffer, bool isWhole)
    {
        if (_open is not null)
        {
            _result = Read(Descriptor(_open), buffer, isWhole);
            if (!IsGone(_result))
                return _result >= 0;
            Dispose();
        }

        int descriptor = Open();
        _result = descriptor < 0 ? descriptor : Read(descriptor, buffer, isWhole);
        if (descriptor >= 0 && _open is null)
            LibC.CloseDescriptor(descriptor);
        return _result >= 0;
    }

    /// <summary>Opens it anew; it is to be closed by the caller unless it is <see cref="_open"/> then.</summary>
    private int Open()
    {
        int descriptor = LibC.OpenForReading(_path);
        if (descriptor >= 0 && _staysOpen && _files.TryKeepOpen(this))
            _open = new SafeFileHandle(descriptor, ownsHandle: true);
        return descriptor;
    }

    /// <summary>
    /// What the kernel answers when an open file's device (sysfs), module (/proc) or table (/proc/sys) is gone. Any other error is the
    /// attribute's own, and opening it again would not help.
    /// </summary>
    private static bool IsGone(int result) => result is LibC.NoDevice or LibC.Failed or LibC.NoEntry;

    // One thread at a time: nobody disposes of it meanwhile.
    private static int Descriptor(SafeFileHandle open) => (int)open.DangerousGetHandle();

    private int Read(int descriptor, Span<byte> buffer, bool isWhole) =>
        isWhole ? SourceFiles.ReadWhole(descriptor, _hasShortRecords) : LibC.ReadAt(descriptor, buffer, 0);
}
