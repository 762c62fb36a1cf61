using System;
using System.IO;
using System.Threading;

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

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
