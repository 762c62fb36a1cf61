using Integration.Tests.Fixture;
using Xunit;

namespace Integration.Tests.InitSystems;

/// <summary>A fact that needs a command of this machine: skipped with the reason where it is missing; failed on the runner.</summary>
public sealed class CommandFactAttribute : FactAttribute
{
    public CommandFactAttribute(string command)
    {
        if (!Machine.IsRunner && Machine.Find(command) is null)
            Skip = $"{command} is not installed";
    }
}
