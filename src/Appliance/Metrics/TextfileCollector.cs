using System;
using System.Collections.Generic;
using System.Text;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>textfile: passes on what other programs write into *.prom files of one folder, in Prometheus text format 0.0.4.</summary>
/// <remarks>
/// Must be the last collector of the table: a family that one of the others has written is refused, as two of a name would make
/// the whole answer invalid. A file with a fault, a family that contradicts another's type or help, and a sample that was there
/// before is left out: that is logged once, and node_textfile_scrape_error is 1 for as long as it lasts. Files are to be replaced
/// by rename(2), not rewritten, otherwise a half of one may be read.
/// </remarks>
internal sealed class TextfileCollector : ICollector
{
    private static ReadOnlySpan<byte> Extension => ".prom"u8;

    private readonly SourceFolder? _folder;
    private readonly string? _path;
    private readonly IServerLog? _log;
    private readonly DeviceSet<Textfile> _files;
    private readonly List<Textfile> _ordered = []; // by name: of two that contradict each other, the same one always counts
    private readonly List<TextfileGroup> _groups = [];
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
        foreach (TextfileGroup group in _groups)
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
        Dictionary<string, TextfileGroup> groups = [];
        TextfileSamplesSeen seen = new();
        _hasContradiction = false;
        foreach (Textfile file in _ordered)
        {
            foreach (TextfileFamily family in file.Families)
            {
                if (family.Samples.Count == 0)
                    continue;
                string name = Encoding.ASCII.GetString(family.Name);
                if (!groups.TryGetValue(name, out TextfileGroup? group))
                    groups.Add(name, group = new TextfileGroup(name, family.Type));
                if (group.Add(file, family, seen) is string fault)
                    Contradict(file, fault);
            }
        }
        Order(groups);
    }

    /// <summary>
    /// Leaves out what has the name of another's samples, and puts counters last whose name without _total is another's: OpenMetrics
    /// gives that name to whoever comes first, and a counter can do without.
    /// </summary>
    private void Order(Dictionary<string, TextfileGroup> groups)
    {
        _groups.Clear();
        List<TextfileGroup> last = [];
        foreach (TextfileGroup group in groups.Values)
        {
            int underscore = group.Name.LastIndexOf('_');
            string suffix = underscore < 0 ? "" : group.Name[underscore..];
            TextfileGroup? other = groups.GetValueOrDefault(group.Name[..^suffix.Length]);
            bool isSample = (other?.Type, suffix) is (MetricType.Histogram, "_bucket")
                or (MetricType.Histogram or MetricType.Summary, "_sum" or "_count");
            if (isSample)
                Contradict(group.Parts[0].File, $"{group.Name} has the name of samples of {other!.Name} in {other.Parts[0].File.Path}");
            else if (other is not null && group.Type == MetricType.Counter && suffix == "_total")
                last.Add(group);
            else
                _groups.Add(group);
        }
        _groups.AddRange(last);
    }

    private bool TryWrite(TextfileGroup group, ExpositionWriter writer)
    {
        int mark = writer.Mark();
        writer.Family(group.Type, group.NameText, group.Help);
        foreach ((Textfile file, List<TextfileSample> samples) in group.Parts)
        {
            foreach (TextfileSample sample in samples)
                sample.Write(file.Text, writer);
        }
        if (!group.IsReserved && !writer.HasRepeatedFamily)
            return true;
        writer.RollBack(mark);
        if (!group.IsTold)
            Tell($"{group.Parts[0].File.Path}: {group.Name} has the name of one of our own metrics");
        group.IsTold = true;
        return false;
    }

    private void Contradict(Textfile file, string fault)
    {
        _hasContradiction = true;
        Tell($"{file.Path}: {fault}");
    }

    private void Tell(string fault) => _log?.Write(ServerLogLevel.Warning, $"textfile {fault}; left out");
}
