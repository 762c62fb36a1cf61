using System.Reflection;

namespace Appliance;

/// <summary>The version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>Three numbers, as in <c>0.1.0</c>.</summary>
    public static string Text { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);
}
