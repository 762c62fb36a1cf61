using System;
using System.Collections.Generic;
using System.Text;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>textfile: passes on what other programs write into *.prom files of one folder, in Prometheus text format 0.0.4.</summary>
/// <remarks>
/// Must be the last collector of the table: a family that one of the others has written is refused, as two of a name would make
/// the whole answer invalid. A file with a fault, and a family that contradicts another's type or help, is left out: that is
/// logged once, and node_textfile_scrape_error is 1 for as long as it lasts. Files are to be replaced by rename(2), not
/// rewritten, otherwise a half of one may be read.
/// </remarks>
internal sealed class TextfileCollector : ICollector
{
    private static ReadOnlySpan<byte> Extension => ".prom"u8;

    private readonly SourceFolder? _folder;
    private readonly string? _path;
    private readonly IServerLog? _log;
    private readonly DeviceSet<Textfile> _files;
    private readonly List<Textfile> _ordered = []; // by name: of two that contradict each other, the same one always counts
    private readonly Dictionary<string, Group> _groups = [];
    private bool _hasNew;
    private bool _hasContradiction;
    private bool _isFolderMissing;

    /// <param name="path">The folder, below the device's root; null for none.</param>
    /// <param name="files">Where the root is.</param>
    /// <param name="log">Is told of what is left out.</param>
    public TextfileCollector(string? path, SourceFiles files, IServerLog? log)
    {
        _path = path;
        _folder = path is null ? null : files.FolderInRoot(path);
        _log = log;
        _files = new DeviceSet<Textfile>(name =>
        {
            _hasNew = true;
            return new Textfile(name, path!, files);
        });
    }

    public bool Collect(ExpositionWriter writer)
    {
        bool hasFault = _folder is not null && !TryFindFiles(_folder);
        foreach (Textfile file in _ordered)
            hasFault |= file.Fault is not null;
        hasFault |= _hasContradiction;
        foreach (Group group in _groups.Values)
            hasFault |= !TryWrite(group, writer);

        writer.Family(MetricType.Gauge, "node_textfile_mtime_seconds"u8, "When a file was written, in seconds since 1970 UTC."u8);
        foreach (Textfile file in _ordered)
        {
            if (file.Fault is null)
                writer.Label("file"u8, file.PathText).Sample(file.WrittenAt);
        }
        writer.Family(MetricType.Gauge, "node_textfile_scrape_error"u8, "Whether something of the files was left out."u8);
        writer.Sample(hasFault ? 1 : 0);
        return true;
    }

    private bool TryFindFiles(SourceFolder folder)
    {
        int count = _ordered.Count;
        _ordered.Clear();
        using SourceFolder.Listing listing = folder.List();
        _files.BeginRound();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            if (name.EndsWith(Extension))
                _ordered.Add(_files.Get(name));
        }
        _files.EndRound();
        _ordered.Sort(static (one, other) => one.Name.AsSpan().SequenceCompareTo(other.Name));

        bool hasChanged = _hasNew || count != _ordered.Count;
        _hasNew = false;
        foreach (Textfile file in _ordered)
        {
            if (!file.TryChange())
                continue;
            hasChanged = true;
            if (file.Fault is not null)
                Tell($"{file.Path}: {file.Fault}");
        }
        if (hasChanged)
            Arrange();
        if (!listing.Exists && !_isFolderMissing)
            Tell($"{_path}: cannot be listed");
        _isFolderMissing = !listing.Exists;
        return listing.Exists;
    }

    /// <summary>Brings the families of all files together.</summary>
    private void Arrange()
    {
        _groups.Clear();
        _hasContradiction = false;
        foreach (Textfile file in _ordered)
        {
            foreach (TextfileFamily family in file.Families)
            {
                if (family.Samples.Count == 0)
                    continue;
                string name = Encoding.ASCII.GetString(family.Name);
                if (!_groups.TryGetValue(name, out Group? group))
                    _groups.Add(name, group = new Group(name, family.Type));
                if (group.TryAdd(file, family))
                    continue;
                _hasContradiction = true;
                Tell($"{file.Path}: {name} has another type or help than in {group.Parts[0].File.Path}");
            }
        }
    }

    private bool TryWrite(Group group, ExpositionWriter writer)
    {
        if (group.MayBeOurs && (group.IsReserved || writer.HasFamily(group.Type, group.Name)))
        {
            if (!group.IsTold)
                Tell($"{group.Parts[0].File.Path}: {Encoding.ASCII.GetString(group.Name)} has the name of one of our own metrics");
            group.IsTold = true;
            return false;
        }
        writer.Family(group.Type, group.Name, group.Help);
        foreach ((Textfile file, TextfileFamily family) in group.Parts)
        {
            foreach (TextfileSample sample in family.Samples)
                sample.Write(file.Text, writer);
        }
        return true;
    }

    private void Tell(string fault) => _log?.Write(ServerLogLevel.Warning, $"textfile {fault}; left out");

    /// <summary>The samples of one family, whichever files they are in.</summary>
    private sealed class Group(string name, MetricType? type)
    {
        private byte[]? _help;

        public byte[] Name { get; } = Encoding.ASCII.GetBytes(name);

        public MetricType Type { get; } = type ?? MetricType.Untyped;

        public byte[] Help => _help ?? Parts[0].File.DefaultHelp;

        public List<(Textfile File, TextfileFamily Family)> Parts { get; } = [];

        /// <summary>Other names need not be looked for among those that were written.</summary>
        public bool MayBeOurs { get; } = name.StartsWith("node_", StringComparison.Ordinal) || name.StartsWith("appliance_", StringComparison.Ordinal);

        /// <summary>What is written after it.</summary>
        public bool IsReserved { get; } = name.StartsWith("node_textfile_", StringComparison.Ordinal)
            || name.StartsWith("node_scrape_collector_", StringComparison.Ordinal);

        public bool IsTold { get; set; }

        public bool TryAdd(Textfile file, TextfileFamily family)
        {
            if ((family.Type ?? MetricType.Untyped) != Type
                || (_help is not null && family.Help is not null && !family.Help.AsSpan().SequenceEqual(_help)))
            {
                return false;
            }
            _help ??= family.Help;
            Parts.Add((file, family));
            return true;
        }
    }
}
