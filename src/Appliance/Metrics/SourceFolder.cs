using System;

namespace Appliance.Metrics;

/// <summary>A folder of the kernel's, listed anew each time: its devices come and go.</summary>
/// <param name="path">With a NUL at its end.</param>
internal sealed class SourceFolder(byte[] path)
{
    /// <summary>Begins a listing, to be disposed.</summary>
    public Listing List() => new(path);

    /// <summary>Hands out names in the kernel's order, without "." and "..". Allocates nothing that the collector knows of.</summary>
    public ref struct Listing
    {
        private nint _folder;

        public Listing(byte[] path) => _folder = LibC.OpenFolder(path);

        /// <summary>Whether the folder is there.</summary>
        public readonly bool Exists => _folder != 0;

        /// <param name="name">Valid until the next name is read.</param>
        public readonly bool TryRead(out ReadOnlySpan<byte> name) => TryRead(out name, out _);

        /// <param name="name">Valid until the next name is read.</param>
        /// <param name="inode">The number of what has the name. In sysfs a device keeps it when it is renamed.</param>
        public readonly bool TryRead(out ReadOnlySpan<byte> name, out ulong inode)
        {
            name = default;
            inode = 0;
            if (!Exists)
                return false;
            do
                name = LibC.NextName(_folder, out inode);
            while (name is [(byte)'.'] or [(byte)'.', (byte)'.']);
            return !name.IsEmpty;
        }

        public void Dispose()
        {
            if (Exists)
                LibC.CloseFolder(_folder);
            _folder = 0;
        }
    }
}
