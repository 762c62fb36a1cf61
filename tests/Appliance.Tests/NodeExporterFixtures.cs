using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Xunit;

namespace Appliance.Tests;

/// <summary>
/// node_exporter's own fixtures and what it makes of them (e2e-output.txt). They are not ours to keep, so they lie beside the
/// repository, where <see cref="Variable"/> says, or nowhere; tests that need them then skip.
/// </summary>
internal static class NodeExporterFixtures
{
    /// <summary>Names an archive that lies elsewhere.</summary>
    public const string Variable = "APPLIANCE_NODE_EXPORTER_FIXTURES";

    /// <summary>Why the tests cannot run; null when they can.</summary>
    public static string? Missing { get; } = File.Exists(Archive())
        ? null
        : $"shared/fixtures/node_exporter.tar.gz does not lie beside the repository, and {Variable} names no such file";

    /// <summary>The regular files, by path without a leading "./".</summary>
    public static Dictionary<string, byte[]> ReadFiles()
    {
        Dictionary<string, byte[]> files = [];
        using Stream unzipped = Open();
        using TarReader entries = new(unzipped);
        while (entries.GetNextEntry() is TarEntry entry)
        {
            if (entry.DataStream is null)
                continue;
            using MemoryStream content = new();
            entry.DataStream.CopyTo(content);
            files[entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name] = content.ToArray();
        }
        return files;
    }

    /// <summary>Unpacks everything, symbolic links too, into a folder that is there.</summary>
    public static void Unpack(string folder)
    {
        using Stream unzipped = Open();
        TarFile.ExtractToDirectory(unzipped, folder, overwriteFiles: false);
    }

    private static GZipStream Open() => new(File.OpenRead(Archive()), CompressionMode.Decompress);

    // This file lies two folders below the repository: tests/Appliance.Tests/.
    private static string Archive([CallerFilePath] string thisFile = "") =>
        Environment.GetEnvironmentVariable(Variable)
        ?? Path.GetFullPath(Path.Combine(
            Path.GetDirectoryName(thisFile)!, "..", "..", "..", "shared", "fixtures", "node_exporter.tar.gz"));
}

/// <summary>A test that needs <see cref="NodeExporterFixtures"/>.</summary>
internal sealed class NodeExporterFactAttribute : FactAttribute
{
    public NodeExporterFactAttribute() => Skip = NodeExporterFixtures.Missing;
}

/// <summary>A theory that needs <see cref="NodeExporterFixtures"/>.</summary>
internal sealed class NodeExporterTheoryAttribute : TheoryAttribute
{
    public NodeExporterTheoryAttribute() => Skip = NodeExporterFixtures.Missing;
}
