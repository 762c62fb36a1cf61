using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Integration.Tests.Fixture;

/// <summary>A folder of a test's own below artifacts/integration, removed afterwards.</summary>
public sealed class WorkFolder : IDisposable
{
    private static int _count;

    public WorkFolder()
    {
        FullPath = $"{Machine.Root}/artifacts/integration/{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        Directory.CreateDirectory(FullPath);
    }

    public string FullPath { get; }

    public string At(string name) => Path.Combine(FullPath, name);

    public void Link(string name, string target) => File.CreateSymbolicLink(At(name), target);

    /// <summary>Makes a file, and the folders that its name has in it.</summary>
    public async Task WriteAsync(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        await File.WriteAllTextAsync(At(name), content);
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
