using System;

namespace Appliance.Settings;

/// <summary>A setting cannot be used. The message says where it stands, its key, and what is wrong with its value.</summary>
internal sealed class SettingsException(string message) : Exception(message);
