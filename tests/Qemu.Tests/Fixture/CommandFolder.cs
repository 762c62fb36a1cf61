using System;
using System.Collections.Generic;
using System.IO;
using Integration.Tests.Fixture;

namespace Qemu.Tests.Fixture;

/// <summary>A PATH of one folder, with links to this machine's commands but for those that a test takes away or replaces.</summary>
internal sealed class CommandFolder : IDisposable
{
    private readonly WorkFolder _folder = new();

    private CommandFolder()
    {
    }

    public Dictionary<string, string> Environment => new() { ["PATH"] = _folder.FullPath };

    public static CommandFolder Without(string missing)
    {
        var commands = new CommandFolder();
        foreach (string folder in (string[])["/usr/bin", "/bin"])
        {
            foreach (string command in Directory.EnumerateFiles(folder))
            {
                string name = Path.GetFileName(command);
                if (name != missing && !File.Exists(commands._folder.At(name)))
                    commands._folder.Link(name, command);
            }
        }
        return commands;
    }

    /// <summary>A script of a line in place of a command, or as one more.</summary>
    public void Add(string name, string line)
    {
        File.Delete(_folder.At(name));
        File.WriteAllText(_folder.At(name), $"#!/bin/sh\n{line}\n");
        File.SetUnixFileMode(_folder.At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => _folder.Dispose();
}
