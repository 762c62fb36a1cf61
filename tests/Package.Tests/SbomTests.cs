using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>The bill of materials beside what was really restored and linked.</summary>
public sealed class SbomTests
{
    [ScriptFact]
    public async Task EveryPackageOfTheLockFileThatIsShippedHasItsVersion()
    {
        using JsonDocument sbom = await SbomAsync();
        string framework = (await File.ReadAllLinesAsync(Clone.Here.At($"artifacts/native/{MadePackages.Target}/framework")))[1];
        using JsonDocument locked = JsonDocument.Parse(await File.ReadAllTextAsync(Clone.Here.At("src/Appliance/packages.lock.json")));
        IEnumerable<string> shipped = locked.RootElement.GetProperty("dependencies").GetProperty(framework).EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() != "Project" && package.Name != "Microsoft.NET.ILLink.Tasks")
            .Select(package => $"pkg:nuget/{package.Name}@{package.Value.GetProperty("resolved").GetString()}");

        IEnumerable<string> named = Components(sbom).Select(Purl)
            .Where(purl => purl.StartsWith("pkg:nuget/", StringComparison.Ordinal) && !purl.Contains("Compiler", StringComparison.Ordinal));

        Assert.Equal(shipped.Order(), named.Order());
    }

    [ScriptFact]
    public async Task TheRuntimeAndTheCLibraryThatWereLinkedAreNamed()
    {
        using JsonDocument sbom = await SbomAsync();
        string manifest = await File.ReadAllTextAsync(Clone.Here.At($"artifacts/sysroots/{MadePackages.Target}/manifest"));
        string references = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(
            Clone.Here.At($"artifacts/native/{MadePackages.Target}/obj/Appliance"), "appliance.ilc.rsp", SearchOption.AllDirectories)));

        JsonElement libc = Components(sbom).Single(part => Name(part) == "libc6-dev");
        JsonElement runtime = Components(sbom).Single(part => Name(part).EndsWith("ILCompiler", StringComparison.Ordinal));

        Assert.Contains($"{Hash(libc)}  libc6-dev_{Version(libc)}_", manifest, StringComparison.Ordinal);
        Assert.Contains($"/{Name(runtime).ToLowerInvariant()}/{Version(runtime)}/framework/", references, StringComparison.Ordinal);
    }

    [ScriptFact]
    public async Task EveryComponentHasALicenceAndAChecksumAndReferencesLeadSomewhere()
    {
        using JsonDocument sbom = await SbomAsync();
        JsonElement[] components = [.. Components(sbom)];
        string[] references = [.. components.Select(Purl), Purl(sbom.RootElement.GetProperty("metadata").GetProperty("component"))];

        Assert.Equal(("CycloneDX", "1.5"), (sbom.RootElement.GetProperty("bomFormat").GetString(), sbom.RootElement.GetProperty("specVersion").GetString()));
        Assert.All(components, part => Assert.NotEqual(0, part.GetProperty("licenses").GetArrayLength()));
        Assert.All(components, part => Assert.Matches("^([0-9a-f]{64}|[0-9a-f]{128})$", Hash(part)));
        Assert.Equal(references.Order(), references.Distinct().Order());
        Assert.Equal(references.Order(), Dependencies(sbom).Select(entry => entry.GetProperty("ref").GetString()!).Order());
        Assert.All(
            Dependencies(sbom).SelectMany(entry => entry.GetProperty("dependsOn").EnumerateArray()),
            on => Assert.Contains(on.GetString(), references));
    }

    private static async Task<JsonDocument> SbomAsync() => JsonDocument.Parse(await File.ReadAllTextAsync((await MadePackages.GetAsync()).Sbom));

    private static JsonElement.ArrayEnumerator Components(JsonDocument sbom) => sbom.RootElement.GetProperty("components").EnumerateArray();

    private static JsonElement.ArrayEnumerator Dependencies(JsonDocument sbom) => sbom.RootElement.GetProperty("dependencies").EnumerateArray();

    private static string Name(JsonElement part) => part.GetProperty("name").GetString()!;

    private static string Version(JsonElement part) => part.GetProperty("version").GetString()!;

    private static string Purl(JsonElement part) => part.GetProperty("bom-ref").GetString()!;

    private static string Hash(JsonElement part) => part.GetProperty("hashes")[0].GetProperty("content").GetString()!;
}
