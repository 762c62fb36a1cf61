using System;
using System.Collections.Generic;
using System.Text;

namespace Appliance.Metrics;

/// <summary>A chip of /sys/class/hwmon: how it is called, and the files of its sensors.</summary>
/// <remarks>
/// The kernel decides which files there are when the chip is registered, so they are listed once. Drivers older than Linux 3.13
/// have theirs in the folder of the device.
/// </remarks>
internal sealed class HardwareMonitorChip : Device
{
    private const int MaxText = 128;

    private readonly SourceFiles _files;
    private readonly string _folder;
    private readonly SourceFile _nameFile;
    private readonly byte[] _deviceLink;
    private byte[] _nameText = [];
    private byte[] _device = [];

    public HardwareMonitorChip(byte[] name, string folder, SourceFiles files)
        : base(name)
    {
        _files = files;
        _folder = folder;
        _nameFile = files.InSys($"{folder}/name");
        _deviceLink = Encoding.UTF8.GetBytes($"{files.Roots.InSys(folder)}/device\0");
        Open();
    }

    /// <summary>
    /// Called after the device it belongs to, such as platform_coretemp_0, otherwise as its driver calls it: names that stay the
    /// same whatever order drivers are loaded in. Several chips can have the same.
    /// </summary>
    public string BaseName { get; private set; } = "";

    /// <summary>What its driver calls it, such as coretemp; can be empty.</summary>
    public string DriverName { get; private set; } = "";

    /// <summary>The name among all chips; given by the collector, which knows the others.</summary>
    public byte[] Label { get; set; } = [];

    public List<(HardwareMonitorAttribute Attribute, SourceFile File)> Attributes { get; } = [];

    /// <summary>Letters become small, and what is neither letter, digit nor colon '_', as in node_exporter's labels.</summary>
    public static string Clean(string text) => string.Create(text.Length, text, static (clean, text) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = char.ToLowerInvariant(text[i]);
            clean[i] = char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == ':' ? c : '_';
        }
    }).Trim('_');

    /// <summary>The file of a sensor's attribute; null when there is none.</summary>
    public SourceFile? Find(ReadOnlySpan<byte> sensor, string property)
    {
        foreach ((HardwareMonitorAttribute attribute, SourceFile file) in Attributes)
        {
            if (attribute.Property == property && sensor.SequenceEqual(attribute.Sensor))
                return file;
        }
        return null;
    }

    /// <summary>What a sensor measures, as a name; empty where nothing says it.</summary>
    public byte[] ReadLabel(ReadOnlySpan<byte> sensor) =>
        Find(sensor, "label") is SourceFile file && file.TryReadValue(stackalloc byte[MaxText], out ReadOnlySpan<byte> text)
            ? Encoding.UTF8.GetBytes(Clean(Encoding.UTF8.GetString(text)))
            : [];

    /// <summary>Whether other files must be opened, because another chip has got the number.</summary>
    public bool TryChange()
    {
        _nameFile.TryReadValue(stackalloc byte[MaxText], out ReadOnlySpan<byte> name);
        if (name.SequenceEqual(_nameText) && LibC.LinkText(_deviceLink, stackalloc byte[MaxText]).SequenceEqual(_device))
            return false;
        Close();
        Open();
        return true;
    }

    public override void Dispose()
    {
        Close();
        _nameFile.Dispose();
    }

    private void Open()
    {
        _nameFile.TryReadValue(stackalloc byte[MaxText], out ReadOnlySpan<byte> name);
        _nameText = name.ToArray();
        _device = LibC.LinkText(_deviceLink, stackalloc byte[MaxText]).ToArray();
        DriverName = Clean(Encoding.UTF8.GetString(_nameText));
        BaseName = FindBaseName();
        SortedDictionary<string, string> paths = new(StringComparer.Ordinal);
        List(_folder, paths);
        List($"{_folder}/device", paths);
        foreach ((string file, string path) in paths)
        {
            if (HardwareMonitorAttribute.TryParse(file, out HardwareMonitorAttribute attribute))
                Attributes.Add((attribute, _files.InSys(path)));
        }
    }

    private void Close()
    {
        foreach ((_, SourceFile file) in Attributes)
            file.Dispose();
        Attributes.Clear();
    }

    private void List(string folder, SortedDictionary<string, string> paths)
    {
        using SourceFolder.Listing listing = _files.FolderInSys(folder).List();
        while (listing.TryRead(out ReadOnlySpan<byte> name))
        {
            string file = Encoding.UTF8.GetString(name);
            paths[file] = $"{folder}/{file}";
        }
    }

    // /sys/devices/platform/coretemp.0 is platform_coretemp_0.
    private string FindBaseName()
    {
        string[] parts = LibC.RealPath(_files.Roots.InSys($"{_folder}/device")).Split('/');
        string device = Clean(parts[^1]);
        string bus = parts.Length > 1 ? Clean(parts[^2]) : "";
        return device != "" ? (bus != "" ? $"{bus}_{device}" : device)
            : DriverName != "" ? DriverName
            : Clean(Encoding.UTF8.GetString(Name));
    }
}
