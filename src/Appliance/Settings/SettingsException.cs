using System;

namespace Appliance.Settings;

/// <summary>A setting cannot be used. The message says where it stands, its key, and what is wrong with its value.</summary>
/// <remarks>The message fits on a line and a terminal whatever it quotes.</remarks>
internal sealed class SettingsException(string message) : Exception(StandardStreams.Visible(message))
{
    private const int MaxQuoted = 80; // arbitrary; more hides what is said about it

    /// <summary>Keys and values as messages show them: in quotes, and not longer than is useful.</summary>
    public static string Quote(string text) => text.Length <= MaxQuoted ? $"\"{text}\"" : $"\"{text.AsSpan(0, MaxQuoted)}…\"";
}
