using System;
using System.Buffers.Binary;
using System.IO;

namespace Qemu.Tests.Fixture;

/// <summary>
/// What an x86 kernel asks of the machine, in its setup header (Documentation/arch/x86/boot.rst): it wants init_size bytes from
/// pref_address on while it unpacks itself, and gives back what it needs no more only afterwards.
/// </summary>
public sealed record KernelHeader(long PrefAddress, long InitSize)
{
    private const int PrefAddressOffset = 0x258;
    private const int InitSizeOffset = 0x260;

    public int NeedsMiB => (int)(((PrefAddress + InitSize) >> 20) + 1);

    public string Explanation =>
        $"it is made for address {PrefAddress >> 20} MiB and needs {InitSize >> 20} MiB there to unpack itself";

    public static KernelHeader Read(string file)
    {
        byte[] head = new byte[InitSizeOffset + sizeof(uint)];
        using FileStream kernel = File.OpenRead(file);
        kernel.ReadExactly(head);
        return new KernelHeader(
            BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(PrefAddressOffset)),
            BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(InitSizeOffset)));
    }
}
