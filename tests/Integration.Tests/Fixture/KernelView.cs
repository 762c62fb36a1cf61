using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Integration.Tests.Fixture;

/// <summary>What the kernel says about a process, in /proc.</summary>
public static class KernelView
{
    /// <summary>Whether it runs; one that has ended and was not asked for yet (a zombie) does not.</summary>
    public static bool IsRunning(int pid) => StatFields(pid) is [not "Z", ..];

    /// <summary>The running processes it has started.</summary>
    public static IReadOnlyList<int> ChildrenOf(int parent) =>
        [.. AllProcesses().Where(pid => StatFields(pid) is [not "Z", var ppid, ..] && Number(ppid) == parent)];

    /// <summary>The running processes of a group.</summary>
    public static IReadOnlyList<int> GroupOf(int group) =>
        [.. AllProcesses().Where(pid => StatFields(pid) is [not "Z", _, var pgrp, ..] && Number(pgrp) == group)];

    /// <summary>The first 15 bytes of its program's name; nothing when it is gone.</summary>
    public static string NameOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n');
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Bytes in memory now: VmRSS, counted page by page (status itself is off by up to some pages per CPU).</summary>
    public static long ResidentBytes(int pid) => Kilobytes($"/proc/{pid}/smaps_rollup", "Rss:");

    /// <summary>The most bytes it ever had in memory.</summary>
    public static long PeakResidentBytes(int pid) => Kilobytes($"/proc/{pid}/status", "VmHWM:");

    /// <summary>The files it has in its address space.</summary>
    public static IReadOnlyList<string> MappedFiles(int pid) =>
        [.. File.ReadLines($"/proc/{pid}/maps").Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..]).Distinct()];

    /// <summary>Its open descriptors and what each one is.</summary>
    public static IReadOnlyDictionary<int, string> Descriptors(int pid)
    {
        var descriptors = new Dictionary<int, string>();
        foreach (string link in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
        {
            // One that was closed since the folder was read has no target any more.
            if (new FileInfo(link).LinkTarget is string target)
                descriptors.Add((int)Number(Path.GetFileName(link)), target);
        }
        return descriptors;
    }

    /// <summary>Whether a descriptor is closed in programs the process starts: O_CLOEXEC among its flags, which are octal.</summary>
    public static bool IsClosedOnExec(int pid, int descriptor)
    {
        string flags = Field($"/proc/{pid}/fdinfo/{descriptor}", "flags:");
        const int CloseOnExec = 0x80000; // 02000000
        return (Convert.ToInt32(flags, 8) & CloseOnExec) != 0;
    }

    /// <summary>Whether it ignores a signal: its bit in SigIgn, which is hexadecimal, the lowest for signal 1.</summary>
    public static bool Ignores(int pid, int signal) =>
        (ulong.Parse(Field($"/proc/{pid}/status", "SigIgn:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) == 1;

    /// <summary>The socket inodes that listen at a Unix path, as bound; the flag is __SO_ACCEPTCON.</summary>
    public static IReadOnlyList<string> ListenersAt(string path) =>
        [.. File.ReadLines("/proc/net/unix").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 7 && fields[3] == "00010000" && fields[7] == path)
            .Select(fields => $"socket:[{fields[6]}]")];

    private static IEnumerable<int> AllProcesses() =>
        from folder in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select (int)Number(Path.GetFileName(folder));

    /// <summary>proc_pid_stat(5) from the state on: the name before it may hold anything. Null when the process is gone.</summary>
    private static string[]? StatFields(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Kilobytes(string file, string name) => Number(Field(file, name).Replace(" kB", "", StringComparison.Ordinal)) * 1024;

    private static string Field(string file, string name) =>
        File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
