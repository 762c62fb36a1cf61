using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using System.Xml.Linq;
using Xunit;

namespace FastCgi.Tests.Package;

/// <summary>What <c>dotnet pack</c> makes of the library. Asks no package source: what it needs was restored to build this.</summary>
[Collection(nameof(AloneCollection))]
public class PackTests
{
    private static readonly string[] Frameworks = ["net10.0", "net9.0"];

    [Fact]
    public async Task ThePackageHasTheLibraryItsDocumentationAndItsReadme()
    {
        string root = typeof(PackTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pack");
        try
        {
            await PackAsync(root, folder.FullName);
            using ZipArchive package = ZipFile.OpenRead(Assert.Single(folder.GetFiles("FastCgi.*.nupkg")).FullName);
            string[] ours = [.. package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal))];
            using var nuspec = new StreamReader(package.GetEntry("FastCgi.nuspec")!.Open());
            XElement said = XDocument.Parse(await nuspec.ReadToEndAsync()).Root!.Elements().Single();
            using var readme = new StreamReader(package.GetEntry("README.md")!.Open());

            Assert.Equal(Frameworks.SelectMany(framework => new[] { $"lib/{framework}/FastCgi.dll", $"lib/{framework}/FastCgi.xml" }).Order(), ours.Order());
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(root, "src/FastCgi/README.md")), await readme.ReadToEndAsync());
            Assert.Equal("README.md", Of(said, "readme"));
            Assert.Equal("MIT", Of(said, "license"));
            Assert.Equal(Frameworks, said.Descendants().Where(one => one.Name.LocalName == "group").Select(one => one.Attribute("targetFramework")!.Value));
            Assert.All(
                said.Descendants().Where(one => one.Name.LocalName == "dependency"), // of net9.0 alone: later it is in the framework
                one => Assert.Equal("System.IO.Pipelines", one.Attribute("id")!.Value));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Of(XElement parent, string name) => parent.Elements().Single(one => one.Name.LocalName == name).Value;

    private static async Task PackAsync(string root, string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["pack", "src/FastCgi", "-c", "Release", "--no-restore", "-o", folder, "-nologo", "-nodeReuse:false", "-v:quiet"])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name); // of the test run's own build engine
        using Process pack = Process.Start(start)!;
        string said = await pack.StandardOutput.ReadToEndAsync();
        await pack.WaitForExitAsync();
        Assert.True(pack.ExitCode == 0, said);
    }
}
