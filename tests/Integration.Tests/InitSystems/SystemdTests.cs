using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.InitSystems;

/// <summary>The units for systemd, as systemd itself reads them.</summary>
public sealed class SystemdTests : IDisposable
{
    private const string Units = "/usr/lib/systemd/system";

    private readonly WorkFolder _root = new();

    /// <summary>A root file system with our units, systemd's own, and the programs that ours start.</summary>
    public SystemdTests()
    {
        Directory.CreateDirectory(_root.FullPath + Units);
        if (Directory.Exists(Units))
        {
            foreach (string target in Directory.EnumerateFiles(Units, "*.target"))
                File.Copy(target, _root.FullPath + target);
        }
        foreach (string unit in Ours)
            File.Copy(unit, $"{_root.FullPath}{Units}/{Path.GetFileName(unit)}");
        foreach (string program in (string[])["/usr/bin/appliance", "/usr/sbin/lighttpd", "/bin/kill"])
        {
            string file = _root.FullPath + program;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    private static string[] Ours => Directory.GetFiles($"{Machine.Root}/rootfs/usr/share/appliance/init/systemd{Units}");

    [CommandFact("systemd-analyze")]
    public async Task SystemdFindsNoFaultInTheUnits()
    {
        Ended verified = await AnalyzeAsync(["verify", "--man=no", .. Ours.Select(unit => Path.GetFileName(unit))]);

        Assert.Equal("", verified.Error);
        Assert.Equal(0, verified.ExitCode);
    }

    /// <summary>
    /// systemd's own measure, 0 (locked up) to 10 (a service without any setting), times ten. 0.9 of the backend's are for what it reports:
    /// the kernel's messages, processes of others, and disks below /home.
    /// </summary>
    [CommandFact("systemd-analyze")]
    public async Task ServicesHaveNoRightsTheyDoNotNeed()
    {
        foreach ((string unit, int most) in (IEnumerable<(string, int)>)[("appliance.service", 19), ("appliance-web.service", 18)])
        {
            Ended measured = await AnalyzeAsync(["security", "--offline=true", "--no-pager", $"--threshold={most}", unit]);

            Assert.True(measured.ExitCode == 0, $"{measured.Output}\n{measured.Error}");
        }
    }

    public void Dispose() => _root.Dispose();

    private Task<Ended> AnalyzeAsync(IEnumerable<string> arguments) => NativeProgram.RunAsync(
        _root.FullPath, new Dictionary<string, string>(), [Machine.Find("systemd-analyze")!, $"--root={_root.FullPath}", .. arguments]);
}
