using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
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
        (string framework, string runtime) = await LinkedAsync();
        using JsonDocument locked = JsonDocument.Parse(await File.ReadAllTextAsync(Clone.Here.At("src/Appliance/packages.lock.json")));
        IEnumerable<string> shipped = locked.RootElement.GetProperty("dependencies").GetProperty(framework).EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() != "Project" && package.Name != "Microsoft.NET.ILLink.Tasks")
            .Select(package => $"pkg:nuget/{package.Name}@{package.Value.GetProperty("resolved").GetString()}");

        IEnumerable<string> named = Components(sbom).Select(Purl)
            .Where(purl => purl.StartsWith("pkg:nuget/", StringComparison.Ordinal)
                && !purl.Equals($"pkg:nuget/{runtime}", StringComparison.OrdinalIgnoreCase));

        Assert.Equal(shipped.Order(), named.Order());
    }

    [ScriptFact]
    public async Task TheRuntimeAndTheCLibraryThatWereLinkedAreNamed()
    {
        using JsonDocument sbom = await SbomAsync();
        string manifest = await File.ReadAllTextAsync(Clone.Here.At($"artifacts/sysroots/{MadePackages.Target}/manifest"));
        (_, string runtime) = await LinkedAsync();

        JsonElement libc = Components(sbom).Single(part => Name(part) == "libc6-dev");

        Assert.Contains($"{Hash(libc)}  libc6-dev_{Version(libc)}_", manifest, StringComparison.Ordinal);
        Assert.Single(Components(sbom).Select(Purl), purl => purl.Equals($"pkg:nuget/{runtime}", StringComparison.OrdinalIgnoreCase));
    }

    [ScriptFact]
    public async Task TheDocumentIsAsCycloneDxWantsItAndEveryComponentHasALicenceAndAChecksum()
    {
        using JsonDocument sbom = await SbomAsync();
        JsonElement[] components = [.. Components(sbom)];
        string[] references = [.. components.Select(Purl), Purl(sbom.RootElement.GetProperty("metadata").GetProperty("component"))];

        Assert.Empty(CycloneDx.Complaints(sbom.RootElement));
        Assert.All(components, part => Assert.NotEqual(0, part.GetProperty("licenses").GetArrayLength()));
        Assert.All(components, part => Assert.Matches("^([0-9a-f]{64}|[0-9a-f]{128})$", Hash(part)));
        Assert.Equal(references.Order(), references.Distinct().Order());
        Assert.Equal(references.Order(), Dependencies(sbom).Select(entry => entry.GetProperty("ref").GetString()!).Order());
        Assert.All(
            Dependencies(sbom).SelectMany(entry => entry.GetProperty("dependsOn").EnumerateArray()),
            on => Assert.Contains(on.GetString(), references));
    }

    [ScriptTheory]
    [InlineData("\"bomFormat\":", "\"format\":", "$.format is unknown, $.bomFormat is missing")]
    [InlineData("\"SHA-256\"", "\"sha256\"", "$.metadata.component.hashes[0].alg is sha256")]
    [InlineData("\"application\"", "\"program\"", "$.metadata.component.type is program")]
    [InlineData("\"id\":", "\"text\":", "$.metadata.component.licenses[0].license.text is unknown")]
    public async Task WhatTheSpecificationDoesNotHaveIsSeen(string from, string to, string complaint)
    {
        string sbom = await File.ReadAllTextAsync((await MadePackages.GetAsync()).Sbom);
        using JsonDocument damaged = JsonDocument.Parse(sbom.Replace(from, to, StringComparison.Ordinal));

        Assert.StartsWith(complaint, string.Join(", ", CycloneDx.Complaints(damaged.RootElement)), StringComparison.Ordinal);
    }

    /// <summary>
    /// The framework that was published with, and the package, "name@version", that the compiler took its System.Runtime from: with
    /// .NET 9 the compiler's own, with .NET 10 one that has the runtime alone.
    /// </summary>
    private static async Task<(string Framework, string Runtime)> LinkedAsync()
    {
        string native = Clone.Here.At($"artifacts/native/{MadePackages.Target}");
        string framework = (await File.ReadAllLinesAsync(Path.Combine(native, "framework")))[1];
        string references = await File.ReadAllTextAsync(Path.Combine(
            native, $"obj/Appliance/release_{framework}_{MadePackages.Target}/native/appliance.ilc.rsp"));
        Match package = Regex.Match(references, @"^-r:.*/packages/([^/]+)/([^/]+)/.*/System\.Runtime\.dll$", RegexOptions.Multiline);
        return (framework, $"{package.Groups[1]}@{package.Groups[2]}");
    }

    private static async Task<JsonDocument> SbomAsync() => JsonDocument.Parse(await File.ReadAllTextAsync((await MadePackages.GetAsync()).Sbom));

    private static JsonElement.ArrayEnumerator Components(JsonDocument sbom) => sbom.RootElement.GetProperty("components").EnumerateArray();

    private static JsonElement.ArrayEnumerator Dependencies(JsonDocument sbom) => sbom.RootElement.GetProperty("dependencies").EnumerateArray();

    private static string Name(JsonElement part) => part.GetProperty("name").GetString()!;

    private static string Version(JsonElement part) => part.GetProperty("version").GetString()!;

    private static string Purl(JsonElement part) => part.GetProperty("bom-ref").GetString()!;

    private static string Hash(JsonElement part) => part.GetProperty("hashes")[0].GetProperty("content").GetString()!;
}
