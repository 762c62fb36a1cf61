using System.IO;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.CommandLine;

/// <summary>The file that goes onto the device.</summary>
public class BinaryTests
{
    private const long MostBytes = 4_500_000;

    [NativeFact]
    public void BinaryNeedsNoLoaderAndCanBeLoadedAnywhere()
    {
        Assert.Equal(Elf.SharedObject, Elf.TypeOf(Machine.Appliance));
        Assert.DoesNotContain(Elf.Interpreter, Elf.SegmentTypesOf(Machine.Appliance));
    }

    [NativeFact]
    public void BinaryIsSmall() => Assert.InRange(new FileInfo(Machine.Appliance).Length, 1, MostBytes);
}
