using System;

namespace Appliance.Metrics;

/// <summary>A folder of the kernel's, listed anew each time: its devices come and go.</summary>
/// <param name="path">With a NUL at its end.</param>
/// <param name="isRarelyFilled">
/// Whether one that is empty or missing, as those of the kinds of devices that a device does not have, is looked at once a minute only.
/// </param>
internal sealed class SourceFolder(byte[] path, bool isRarelyFilled = false)
{
    private RareLook _look;
    private bool _exists;
    private bool _isEmpty; // when it was listed last

    /// <summary>Begins a listing, to be disposed.</summary>
    public Listing List() => new(this);

    private nint Open()
    {
        if (_isEmpty && isRarelyFilled && !_look.IsDue)
            return 0;
        nint folder = LibC.OpenFolder(path, out int error);
        _exists = folder != 0;
        _isEmpty = _exists || error == LibC.NoEntry; // until a name is found; not where there was no descriptor for it
        _look.Done();
        return folder;
    }

    /// <summary>Hands out names in the kernel's order, without "." and "..". Allocates nothing that the collector knows of.</summary>
    public ref struct Listing
    {
        private readonly SourceFolder _source;
        private nint _folder;

        public Listing(SourceFolder source)
        {
            _source = source;
            _folder = source.Open();
        }

        /// <summary>Whether the folder is there.</summary>
        public readonly bool Exists => _source._exists;

        /// <param name="name">Valid until the next name is read.</param>
        public readonly bool TryRead(out ReadOnlySpan<byte> name) => TryRead(out name, out _);

        /// <param name="name">Valid until the next name is read.</param>
        /// <param name="inode">The number of what has the name. In sysfs a device keeps it when it is renamed.</param>
        public readonly bool TryRead(out ReadOnlySpan<byte> name, out ulong inode)
        {
            name = default;
            inode = 0;
            if (_folder == 0)
                return false;
            do
                name = LibC.NextName(_folder, out inode);
            while (name is [(byte)'.'] or [(byte)'.', (byte)'.']);
            if (name.IsEmpty)
                return false;
            _source._isEmpty = false;
            return true;
        }

        public void Dispose()
        {
            if (_folder != 0)
                LibC.CloseFolder(_folder);
            _folder = 0;
        }
    }
}
