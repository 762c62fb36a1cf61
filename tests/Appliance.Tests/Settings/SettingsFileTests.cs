using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using Appliance.Settings;
using Xunit;

namespace Appliance.Tests.Settings;

/// <summary>What a settings path may lead to.</summary>
public sealed partial class SettingsFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporarySettings _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(SettingsFile.MaxBytes)]
    public void TheWholeFileIsReadUpToTheBound(int length)
    {
        byte[] json = Encoding.ASCII.GetBytes("{" + new string(' ', length - 2) + "}");
        File.WriteAllBytes(_file.Path, json);
        Assert.Equal(json, SettingsFile.Read(_file.Path));
        Assert.Equal(new ApplianceSettings(), SettingsLoader.Load(_file.Path, new Hashtable()));
    }

    [Fact]
    public void AFileOverTheBoundIsRefused()
    {
        File.WriteAllBytes(_file.Path, [.. "{}"u8, .. Enumerable.Repeat((byte)' ', SettingsFile.MaxBytes - 1)]);
        Assert.Equal("appliance.json: more than 1048576 bytes: not a settings file", _file.Refusal());
    }

    [Fact]
    public void AFileOfManyGigabytesIsRefusedWithoutBeingRead()
    {
        using (FileStream sparse = File.Create(_file.Path))
            sparse.SetLength(1L << 40);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("appliance.json: more than 1048576 bytes: not a settings file", _file.Refusal());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void AMissingFileIsNamed() => Assert.Equal("appliance.json: No such file or directory", _file.Refusal());

    [Fact]
    public void AFileInsteadOfAFolderOnTheWayIsNamed()
    {
        File.WriteAllText(_file.Path, "{}");
        Assert.Equal($"{_file.Path}/x: Not a directory", Refusal(_file.Path + "/x"));
    }

    [Fact]
    public void AFolderIsRefused()
    {
        Directory.CreateDirectory(_file.Path);
        Assert.Equal("appliance.json: Is a directory", _file.Refusal());
    }

    [Fact]
    public void ALinkToItselfIsRefused()
    {
        File.CreateSymbolicLink(_file.Path, _file.Path);
        Assert.Equal("appliance.json: Too many levels of symbolic links", _file.Refusal());
    }

    [Fact]
    public void AFileThatMayNotBeReadIsRefusedUnlessItIsRootThatReads()
    {
        File.WriteAllText(_file.Path, "{}");
        File.SetUnixFileMode(_file.Path, UnixFileMode.None);
        if (Environment.IsPrivilegedProcess)
            Assert.Equal(new ApplianceSettings(), SettingsLoader.Load(_file.Path, new Hashtable()));
        else
            Assert.Equal("appliance.json: Permission denied", _file.Refusal());
    }

    [Fact]
    public void AnErrorWhileReadingIsNamed() => Assert.Equal("/proc/self/mem: Input/output error", Refusal("/proc/self/mem"));

    [Fact]
    public async Task AFifoIsRefusedWithoutWaitingForItsWriter()
    {
        Assert.Equal(0, MakeFifo(_file.Path, 0x180));
        Assert.Equal("appliance.json: not a file", await Task.Run(_file.Refusal).WaitAsync(Patience));
    }

    [Fact]
    public async Task ADeviceWithoutEndIsRefusedAtTheBound() => Assert.Equal(
        "/dev/zero: more than 1048576 bytes: not a settings file",
        await Task.Run(() => Refusal("/dev/zero")).WaitAsync(Patience));

    [Fact]
    public void AnEmptyDeviceIsAnEmptyFile() => Assert.Equal("/dev/null:1:1: not JSON: the file is empty", Refusal("/dev/null"));

    [Fact]
    public void AFileThatReportsNoLengthIsReadToItsEnd() => Assert.StartsWith(
        "Name:",
        Encoding.UTF8.GetString(SettingsFile.Read("/proc/self/status")),
        StringComparison.Ordinal);

    [Fact]
    public void AFilesNameCannotBreakTheLine() => Assert.Equal(
        @"/nonexistent/\x0a\x1b[2J: No such file or directory",
        Refusal("/nonexistent/\n\u001b[2J"));

    private static string Refusal(string path) =>
        Assert.Throws<SettingsException>(() => SettingsLoader.Load(path, new Hashtable())).Message;

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
