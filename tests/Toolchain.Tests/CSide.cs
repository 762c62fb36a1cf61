using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using Appliance;
using Appliance.Settings;
using FastCgi;
using FastCgi.Transport;
using LibC = FastCgi.Transport.LibC;

namespace Toolchain.Tests;

/// <summary>
/// What our code takes for granted of C libraries: THE table, by the names C has for it. Read out of the code by reflection, so
/// that nothing there has to be made visible for it.
/// </summary>
internal static class CSide
{
    private const BindingFlags Every = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Every constant of the types that call C or are given to it, and what it is in C; of ours alone where there is nothing.</summary>
    private static readonly (Type Type, string Name, string[] InC)[] Constants =
    [
        (typeof(LibC), "WouldBlock", ["-EAGAIN"]),
        (typeof(LibC), "Interrupted", ["-EINTR"]),
        (typeof(LibC), "ConnectionRefused", ["-ECONNREFUSED"]),
        (typeof(LibC), "ConnectionAborted", ["-ECONNABORTED"]),
        (typeof(LibC), "ProtocolError", ["-EPROTO"]),
        (typeof(LibC), "NotFound", ["-ENOENT"]),
        (typeof(LibC), "NotPermitted", ["-EPERM"]),
        (typeof(LibC), "NoSuchDeviceOrAddress", ["-ENXIO"]),
        (typeof(LibC), "UnixFamily", ["AF_UNIX"]),
        (typeof(LibC), "InternetFamily", ["AF_INET"]),
        (typeof(LibC), "Internet6Family", ["AF_INET6"]),
        (typeof(LibC), "LongestInternetAddress", ["sizeof(struct sockaddr_in6)"]),
        (typeof(LibC), "Stream", ["SOCK_STREAM"]),
        (typeof(LibC), "ReadWrite", ["O_RDWR"]),
        (typeof(LibC), "NonBlocking", ["SOCK_NONBLOCK", "O_NONBLOCK", "EFD_NONBLOCK"]),
        (typeof(LibC), "CloseOnExec", ["SOCK_CLOEXEC", "O_CLOEXEC", "EFD_CLOEXEC", "EPOLL_CLOEXEC"]),
        (typeof(LibC), "NoSignal", ["MSG_NOSIGNAL"]),
        (typeof(LibC), "SocketLevel", ["SOL_SOCKET"]),
        (typeof(LibC), "AcceptsConnections", ["SO_ACCEPTCONN"]),
        (typeof(LibC), "ReuseAddress", ["SO_REUSEADDR"]),
        (typeof(LibC), "TcpLevel", ["IPPROTO_TCP"]),
        (typeof(LibC), "NoDelay", ["TCP_NODELAY"]),
        (typeof(LibC), "OutputQueue", ["SIOCOUTQ"]),
        (typeof(LibC), "DuplicateCloseOnExec", ["F_DUPFD_CLOEXEC"]),
        (typeof(LibC), "GetFlags", ["F_GETFL"]),
        (typeof(LibC), "SetFlags", ["F_SETFL"]),
        (typeof(LibC), "SetDescriptorFlags", ["F_SETFD"]),
        (typeof(LibC), "CloseOnExecFlag", ["FD_CLOEXEC"]),
        (typeof(LibC), "FirstFreeDescriptor", []),
        (typeof(LibC), "PollInput", ["POLLIN"]),
        (typeof(LibC), "PollOutput", ["POLLOUT"]),
        (typeof(LibC), "PollError", ["POLLERR"]),
        (typeof(LibC), "PollHangUp", ["POLLHUP"]),
        (typeof(LibC), "ShutWrite", ["SHUT_WR"]),
        (typeof(LibC), "ShutBoth", ["SHUT_RDWR"]),
        (typeof(LibC), "BrokenPipe", ["SIGPIPE"]),
        (typeof(LibC), "Ignore", ["(intptr_t)SIG_IGN"]),
        (typeof(DescriptorLimit), "OpenFiles", ["RLIMIT_NOFILE"]),
        (typeof(EventLoop), "EventsPerTurn", []),
        (typeof(EventLoop), "AddOperation", ["EPOLL_CTL_ADD"]),
        (typeof(EventLoop), "RemoveOperation", ["EPOLL_CTL_DEL"]),
        (typeof(EventLoop), "ChangeOperation", ["EPOLL_CTL_MOD"]),
        (typeof(Readiness), "None", []),
        (typeof(Readiness), "Input", ["EPOLLIN"]),
        (typeof(Readiness), "Output", ["EPOLLOUT"]),
        (typeof(Readiness), "Error", ["EPOLLERR"]),
        (typeof(Readiness), "HangUp", ["EPOLLHUP"]),
        (typeof(Readiness), "InputEnd", ["EPOLLRDHUP"]),
        (typeof(Readiness), "OnChangeOnly", ["EPOLLET"]),
        (typeof(TcpAddress), "PortAt", ["offsetof(struct sockaddr_in, sin_port)", "offsetof(struct sockaddr_in6, sin6_port)"]),
        (typeof(TcpAddress), "Address4At", ["offsetof(struct sockaddr_in, sin_addr)"]),
        (typeof(TcpAddress), "Address6At", ["offsetof(struct sockaddr_in6, sin6_addr)"]),
        (typeof(TcpAddress), "SocketAddress4Length", ["sizeof(struct sockaddr_in)"]),
        (typeof(StandardStreams), "Output", ["STDOUT_FILENO"]),
        (typeof(StandardStreams), "Error", ["STDERR_FILENO"]),
        (typeof(SettingsFile), "MaxBytes", []),
        (typeof(SettingsFile), "UsualBytes", []),
        (typeof(SettingsFile), "NonBlocking", ["O_NONBLOCK"]),
        (typeof(SettingsFile), "CloseOnExec", ["O_CLOEXEC"]),
    ];

    /// <summary>Types of C that have a width of their own, and a parameter (or −1: the result) of a function that has it.</summary>
    private static readonly (string InC, string Function, int Parameter)[] Widths =
    [
        ("sizeof(int)", "socket", 0),
        ("sizeof(void *)", "recv", 1),
        ("sizeof(size_t)", "recv", 2),
        ("sizeof(ssize_t)", "recv", -1),
        ("sizeof(socklen_t)", "bind", 2),
        ("sizeof(nfds_t)", "poll", 1),
        ("sizeof(mode_t)", "chmod", 1),
    ];

    /// <summary>Constants that no row of the table mentions, and rows that no constant is left for.</summary>
    public static IEnumerable<string> Unmatched()
    {
        string[] inTable = [.. Constants.Select(row => $"{row.Type.Name}.{row.Name}")];
        string[] inCode = [.. Constants.Select(row => row.Type).Concat(TypesThatCallC()).Distinct()
            .SelectMany(type => type.GetFields(Every).Where(field => field.IsLiteral), (type, field) => $"{type.Name}.{field.Name}")];
        return inCode.Except(inTable).Concat(inTable.Except(inCode)).Concat(inTable.GroupBy(row => row).Where(group => group.Count() > 1)
            .Select(group => group.Key));
    }

    /// <summary>All of it as it has to be on a machine; more than once what is written more than once.</summary>
    public static IEnumerable<(string InC, long Value)> On(Architecture machine)
    {
        int pointer = machine is Architecture.Arm or Architecture.X86 ? 4 : 8;
        int dataOffset = EventLoop.DataOffsetOn(machine);
        return
        [
            // Literals where they are used.
            ("O_RDONLY", 0),
            ("INET6_ADDRSTRLEN", 46),
            ("sizeof(eventfd_t)", sizeof(ulong)),
            // EventLoop
            ("sizeof(struct epoll_event)", dataOffset + sizeof(ulong)),
            ("offsetof(struct epoll_event, events)", 0),
            ("offsetof(struct epoll_event, data)", dataOffset),
            ("sizeof(epoll_event.events)", sizeof(Readiness)),
            ("sizeof(epoll_event.data)", sizeof(ulong)),
            // ListenSocket
            ("sizeof(sockaddr_un.sun_family)", sizeof(ushort)),
            ("offsetof(struct sockaddr_un, sun_path)", sizeof(ushort)),
            ("sizeof(sockaddr_un.sun_path)", Constant(typeof(ListenSocket), "LongestPath") + 1),
            .. from row in Constants
               from c in row.InC
               let value = Constant(row.Type, row.Name)
               select (c.TrimStart('-'), c.StartsWith('-') ? -value : value),
            .. from row in Widths select (row.InC, (long)WidthOf(row.Function, row.Parameter, pointer)),
            .. Structure(typeof(LibC), "PollDescriptor", "pollfd", ("Descriptor", "fd"), ("Requested", "events"), ("Returned", "revents")),
            // DescriptorLimit does not call C where words are shorter.
            .. pointer == 8 ? Structure(typeof(DescriptorLimit), "Limit", "rlimit", ("<Soft>k__BackingField", "rlim_cur"), ("<Hard>k__BackingField", "rlim_max")) : [],
        ];
    }

    private static IEnumerable<Type> TypesThatCallC() =>
        from assembly in (Assembly[])[typeof(LibC).Assembly, typeof(StandardStreams).Assembly]
        from type in assembly.GetTypes()
        where type.GetMethods(Every).Any(IsOfC)
        select type;

    private static bool IsOfC(MethodInfo method) =>
        method.GetCustomAttribute<LibraryImportAttribute>()?.LibraryName == "libc"
        || method.GetCustomAttribute<DllImportAttribute>()?.Value == "libc";

    private static long Constant(Type type, string name)
    {
        object value = type.GetField(name, Every)!.GetRawConstantValue()!;
        return Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    private static int WidthOf(string function, int parameter, int pointer)
    {
        MethodInfo method = typeof(LibC).GetMethods(Every).First(candidate =>
            candidate.GetCustomAttribute<LibraryImportAttribute>()?.EntryPoint == function);
        Type type = parameter < 0 ? method.ReturnType : method.GetParameters()[parameter].ParameterType;
        return type.IsPointer || type == typeof(nint) || type == typeof(nuint) ? pointer : Marshal.SizeOf(type);
    }

    private static IEnumerable<(string InC, long Value)> Structure(
        Type owner, string name, string inC, params (string Field, string InC)[] fields)
    {
        Type structure = owner.GetNestedType(name, Every)!;
        return fields.Select(field => ($"offsetof(struct {inC}, {field.InC})", (long)Marshal.OffsetOf(structure, field.Field)))
            .Prepend(($"sizeof(struct {inC})", Marshal.SizeOf(structure)));
    }
}
