using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Tasks;
using Toolchain.Tests;
using Xunit;

namespace Package.Tests;

/// <summary>What is in each package.</summary>
public sealed class ContentTests
{
    [ScriptFact]
    public async Task EverythingBelongsToRootAndNobodyElseMayWriteIt()
    {
        MadePackages made = await MadePackages.GetAsync();

        string[] files =
        [
            .. await MadePackages.LinesAsync("dpkg-deb --contents \"$1\"", made.Deb),
            .. await MadePackages.LinesAsync("tar -xzOf \"$1\" ./data.tar.gz | tar -tvz", made.Ipk),
            .. await MadePackages.LinesAsync("tar -tvzf \"$1\"", made.Tarball),
        ];

        Assert.All(files, file => Assert.Matches("^[-d]r[w-][x-]r-[x-]r-[x-] (root/root|0/0) ", file));
    }

    [ScriptFact]
    public async Task NoPasswordIsShipped()
    {
        MadePackages made = await MadePackages.GetAsync();

        string[] files =
        [
            .. await DebFilesAsync(made),
            .. await IpkFilesAsync(made),
            .. await MadePackages.LinesAsync("tar -tzf \"$1\"", made.Tarball),
        ];

        Assert.DoesNotContain(files, file => Path.GetFileName(file) is "passwords" or "passwd");
    }

    [ScriptFact]
    public async Task TheDebNeedsLighttpdAndNoCLibrary()
    {
        MadePackages made = await MadePackages.GetAsync();

        Assert.Equal("lighttpd (>= 1.4.65)", (await MadePackages.ShellAsync("dpkg-deb -f \"$1\" Depends", made.Deb)).Trim());
    }

    [ScriptFact]
    public async Task WhatIsConfiguredIsAConffile()
    {
        MadePackages made = await MadePackages.GetAsync();

        string[] deb = await MadePackages.LinesAsync("dpkg-deb --info \"$1\" conffiles", made.Deb);
        string[] ipk = await MadePackages.LinesAsync("tar -xzOf \"$1\" ./control.tar.gz | tar -xzO ./conffiles", made.Ipk);

        Assert.Equal((await DebFilesAsync(made)).Where(file => file.StartsWith("/etc/", StringComparison.Ordinal)).Order(), deb.Order());
        Assert.Equal((await IpkFilesAsync(made)).Where(file => file.StartsWith("/etc/appliance/", StringComparison.Ordinal)).Order(), ipk.Order());
    }

    [ScriptFact]
    public async Task TheIpkNamesTheModulesOfLighttpdThatItsConfigurationLoads()
    {
        MadePackages made = await MadePackages.GetAsync();
        Assert.Equal(
            ["./control.tar.gz", "./data.tar.gz", "./debian-binary"], (await MadePackages.LinesAsync("tar -tzf \"$1\"", made.Ipk)).Order());

        string depends = await MadePackages.ShellAsync(
            "tar -xzOf \"$1\" ./control.tar.gz | tar -xzO ./control | sed -n 's/^Depends: //p'", made.Ipk);
        // tls.conf is included by nothing.
        string[] loaded = await MadePackages.LinesAsync(
            "grep -rhv '^#' rootfs/etc/lighttpd --exclude=tls.conf | grep -o '\"mod_[a-z_]*\"' | sort -u | tr -d '\"' | sed 's/mod_/lighttpd-mod-/'");

        Assert.Equal(loaded.Prepend("lighttpd").Order(), depends.Trim().Split(", ").Order());
    }

    [ScriptFact]
    public async Task TheTarballIsBinaryOverlayAndLicence()
    {
        MadePackages made = await MadePackages.GetAsync();

        string[] files = await MadePackages.LinesAsync("tar -tzf \"$1\" | grep -v '/$'", made.Tarball);
        string[] overlay = await MadePackages.LinesAsync("find rootfs -type f");

        Assert.Equal(
            overlay.Concat(["LICENSE", "THIRD-PARTY-NOTICES.gz", "appliance"]).Select(file => $"{TopFolder(made)}/{file}").Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
    }

    [ScriptFact]
    public async Task TheDescriptionOfTheRoutesIsInAll()
    {
        const string Description = "usr/share/appliance/openapi.json";
        MadePackages made = await MadePackages.GetAsync();

        string[] texts =
        [
            await MadePackages.ShellAsync("dpkg-deb --fsys-tarfile \"$1\" | tar -xO \"./$2\"", made.Deb, Description),
            await MadePackages.ShellAsync("tar -xzOf \"$1\" ./data.tar.gz | tar -xzO \"./$2\"", made.Ipk, Description),
            await MadePackages.ShellAsync("tar -xzOf \"$1\" \"$2\"", made.Tarball, $"{TopFolder(made)}/rootfs/{Description}"),
        ];

        Assert.Equal(await File.ReadAllTextAsync(Clone.Here.At($"rootfs/{Description}")), Assert.Single(texts.Distinct()));
    }

    /// <summary>Once each, as most packages bring the same.</summary>
    [ScriptFact]
    public async Task LicencesOfWhatIsInTheBinaryArePassedOn()
    {
        MadePackages made = await MadePackages.GetAsync();

        string[] notices =
        [
            await MadePackages.ShellAsync("dpkg-deb --fsys-tarfile \"$1\" | tar -xO ./usr/share/doc/appliance/THIRD-PARTY-NOTICES.gz | gunzip", made.Deb),
            await MadePackages.ShellAsync(
                "tar -xzOf \"$1\" ./data.tar.gz | tar -xzO ./usr/share/appliance/THIRD-PARTY-NOTICES.gz | gunzip", made.Ipk),
            await MadePackages.ShellAsync("tar -xzOf \"$1\" \"$2/THIRD-PARTY-NOTICES.gz\" | gunzip", made.Tarball, TopFolder(made)),
        ];

        Assert.Single(notices.Distinct());
        Assert.Contains("Copyright (c) .NET Foundation and Contributors", notices[0], StringComparison.Ordinal);
        using JsonDocument sbom = JsonDocument.Parse(await File.ReadAllTextAsync(made.Sbom));
        foreach (JsonElement part in sbom.RootElement.GetProperty("components").EnumerateArray())
        {
            string folder = Clone.Here.At($"artifacts/packages/{part.GetProperty("name").GetString()!.ToLowerInvariant()}/{part.GetProperty("version").GetString()}");
            string own = Path.Combine(folder, "THIRD-PARTY-NOTICES.TXT");
            if (File.Exists(own))
                Assert.Equal(2, notices[0].Split(await File.ReadAllTextAsync(own)).Length);
        }
    }

    [ScriptFact]
    public async Task TheBinaryIsTheSameInAll()
    {
        MadePackages made = await MadePackages.GetAsync();
        string built = Sum(await File.ReadAllBytesAsync(Clone.Here.At($"artifacts/{MadePackages.Target}/appliance")));
        using JsonDocument sbom = JsonDocument.Parse(await File.ReadAllTextAsync(made.Sbom));

        string[] sums =
        [
            await MadePackages.ShellAsync("dpkg-deb --fsys-tarfile \"$1\" | tar -xO ./usr/bin/appliance | sha256sum", made.Deb),
            await MadePackages.ShellAsync("tar -xzOf \"$1\" ./data.tar.gz | tar -xzO ./usr/bin/appliance | sha256sum", made.Ipk),
            await MadePackages.ShellAsync("tar -xzOf \"$1\" \"$2/appliance\" | sha256sum", made.Tarball, TopFolder(made)),
            sbom.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("hashes")[0].GetProperty("content").GetString()!,
        ];

        Assert.All(sums, sum => Assert.StartsWith(built, sum, StringComparison.Ordinal));
    }

    private static string TopFolder(MadePackages made) => Path.GetFileName(made.Tarball).Replace(".tar.gz", "", StringComparison.Ordinal);

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static Task<string[]> DebFilesAsync(MadePackages made) =>
        MadePackages.LinesAsync("dpkg-deb --fsys-tarfile \"$1\" | tar -t | grep -v '/$' | sed 's/^[.]//'", made.Deb);

    private static Task<string[]> IpkFilesAsync(MadePackages made) =>
        MadePackages.LinesAsync("tar -xzOf \"$1\" ./data.tar.gz | tar -tz | grep -v '/$' | sed 's/^[.]//'", made.Ipk);
}
