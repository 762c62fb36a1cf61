using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Appliance;
using Appliance.AccessLog;
using Appliance.Settings;
using Appliance.Status;
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

    /// <summary>Every constant of the types that call C, or are given to it, and what it is in C: nothing where it is ours alone.</summary>
    private static readonly (Type Type, string Name, string[] InC)[] Constants =
    [
        (typeof(LibC), "WouldBlock", ["-EAGAIN"]),
        (typeof(LibC), "Interrupted", ["-EINTR"]),
        (typeof(LibC), "ConnectionRefused", ["-ECONNREFUSED"]),
        (typeof(LibC), "ConnectionAborted", ["-ECONNABORTED"]),
        (typeof(LibC), "ProtocolError", ["-EPROTO"]),
        (typeof(LibC), "NoNetwork", ["-ENONET"]),
        (typeof(LibC), "NetworkDown", ["-ENETDOWN"]),
        (typeof(LibC), "NetworkUnreachable", ["-ENETUNREACH"]),
        (typeof(LibC), "HostDown", ["-EHOSTDOWN"]),
        (typeof(LibC), "HostUnreachable", ["-EHOSTUNREACH"]),
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
        (typeof(LibC), "Domain", ["SO_DOMAIN"]),
        (typeof(LibC), "ReuseAddress", ["SO_REUSEADDR"]),
        (typeof(LibC), "TcpLevel", ["IPPROTO_TCP"]),
        (typeof(LibC), "NoDelay", ["TCP_NODELAY"]),
        (typeof(LibC), "OutputQueue", ["SIOCOUTQ"]),
        (typeof(LibC), "InputQueue", ["FIONREAD"]),
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
        (typeof(LibC), "ShutRead", ["SHUT_RD"]),
        (typeof(LibC), "ShutWrite", ["SHUT_WR"]),
        (typeof(LibC), "ShutBoth", ["SHUT_RDWR"]),
        (typeof(LibC), "BrokenPipe", ["SIGPIPE"]),
        (typeof(LibC), "Ignore", ["(intptr_t)SIG_IGN"]),
        (typeof(LibC), "Default", ["(intptr_t)SIG_DFL"]),
        (typeof(LibC), "Block", ["SIG_BLOCK"]),
        (typeof(LibC), "Unblock", ["SIG_UNBLOCK"]),
        (typeof(LibC), "SignalSetWords", []),
        (typeof(SignalledRun), "Interrupt", ["SIGINT"]),
        (typeof(SignalledRun), "User1", ["SIGUSR1"]),
        (typeof(SignalledRun), "Terminate", ["SIGTERM"]),
        (typeof(LogStream), "LongestLine", ["PIPE_BUF"]),
        (typeof(Appliance.LibC), "ReadOnlyFlag", ["ST_RDONLY"]),
        (typeof(Appliance.LibC), "NoEntry", ["-ENOENT"]),
        (typeof(Appliance.LibC), "Interrupted", ["-EINTR"]),
        (typeof(Appliance.LibC), "Failed", ["-EIO"]),
        (typeof(Appliance.LibC), "TryAgain", ["-EAGAIN"]),
        (typeof(Appliance.LibC), "BrokenPipe", ["-EPIPE"]),
        (typeof(Appliance.LibC), "NoDevice", ["-ENODEV"]),
        (typeof(Appliance.LibC), "TooLong", ["-EFBIG"]),
        (typeof(Appliance.LibC), "NoBuffers", ["-ENOBUFS"]),
        (typeof(Appliance.LibC), "MessageTooLong", ["-EMSGSIZE"]),
        (typeof(Appliance.LibC), "NetlinkFamily", ["AF_NETLINK"]),
        (typeof(Appliance.LibC), "RawSocket", ["SOCK_RAW"]),
        (typeof(Appliance.LibC), "RouteProtocol", ["NETLINK_ROUTE"]),
        (typeof(Appliance.LibC), "LinkGroup", ["RTMGRP_LINK"]),
        (typeof(Appliance.LibC), "SocketLevel", ["SOL_SOCKET"]),
        (typeof(Appliance.LibC), "ReceiveBuffer", ["SO_RCVBUF"]),
        (typeof(Appliance.LibC), "Truncate", ["MSG_TRUNC"]),
        (typeof(RouteMessage), "Error", ["NLMSG_ERROR"]),
        (typeof(RouteMessage), "Done", ["NLMSG_DONE"]),
        (typeof(RouteMessage), "Request", ["NLM_F_REQUEST"]),
        (typeof(RouteMessage), "All", ["NLM_F_DUMP"]),
        (typeof(RouteMessage), "Interrupted", ["NLM_F_DUMP_INTR"]),
        (typeof(RouteMessage), "GetLinks", ["RTM_GETLINK"]),
        (typeof(RouteMessage), "GetNeighbours", ["RTM_GETNEIGH"]),
        (typeof(RouteMessage), "LinkName", ["IFLA_IFNAME"]),
        (typeof(RouteMessage), "NeighbourAddress", ["NDA_DST"]),
        (typeof(RouteMessage), "NeighbourHardwareAddress", ["NDA_LLADDR"]),
        (typeof(Ipv6Neighbours), "Family", ["AF_INET6"]),
        (typeof(Ipv6Neighbours), "Complete", ["NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE"]),
        (typeof(Ipv6Neighbours), "Incomplete", ["NUD_INCOMPLETE | NUD_FAILED"]),
        (typeof(Ipv6Neighbours), "Permanent", ["NUD_PERMANENT"]),
        (typeof(Appliance.LibC), "UtsLength", ["sizeof(utsname.machine)"]),
        (typeof(Appliance.LibC), "PollPriority", ["POLLPRI"]),
        (typeof(Appliance.LibC), "PollCanWrite", ["POLLOUT"]),
        (typeof(Appliance.LibC), "PollError", ["POLLERR"]),
        (typeof(Appliance.LibC), "NonBlocking", ["O_NONBLOCK"]),
        (typeof(Appliance.LibC), "CloseOnExec", ["O_CLOEXEC"]),
        (typeof(AccessLogWriter), "WriteOnly", ["O_WRONLY"]),
        (typeof(AccessLogWriter), "Create", ["O_CREAT"]),
        (typeof(AccessLogWriter), "Append", ["O_APPEND"]),
        (typeof(AccessLogWriter), "NonBlocking", ["O_NONBLOCK"]),
        (typeof(AccessLogWriter), "CloseOnExec", ["O_CLOEXEC"]),
        (typeof(AccessLogWriter), "Permissions", []),
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
        ("sizeof(off64_t)", "pread64", 3),
    ];

    /// <summary>Constants that no row of the table mentions, and rows that no constant is left for.</summary>
    public static IEnumerable<string> Unmatched()
    {
        string[] inTable = [.. Constants.Select(row => $"{row.Type}.{row.Name}")];
        string[] inCode = [.. Constants.Select(row => row.Type).Concat(CallsOfC().Select(call => call.DeclaringType!)).Distinct()
            .SelectMany(type => type.GetFields(Every)).Where(field => field.IsLiteral && field.FieldType != typeof(string))
            .Select(field => $"{field.DeclaringType}.{field.Name}")];
        return inCode.Except(inTable).Concat(inTable.Except(inCode))
            .Concat(inTable.GroupBy(row => row).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    /// <summary>All of it as it has to be on a machine; more than once what is written more than once.</summary>
    public static IEnumerable<(string InC, long Value)> On(Architecture machine)
    {
        int pointer = PointerOn(machine);
        int dataOffset = EventLoop.DataOffsetOn(machine);
        return
        [
            // Literals where they are used.
            ("O_RDONLY", 0),
            ("INET6_ADDRSTRLEN", 46),
            ("sizeof(eventfd_t)", sizeof(ulong)),
            ("PATH_MAX", 4096),
            ("offsetof(struct dirent64, d_name)", 19),
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
            .. from call in CallsOfC() select ($"{EntryPoint(call)}()", 1L),
            .. Structure(typeof(LibC), "PollDescriptor", "pollfd", pointer, "fd", "events", "revents"),
            .. Structure(typeof(Appliance.LibC), "PollDescriptor", "pollfd", pointer, "fd", "events", "revents"),
            .. Structure(
                typeof(Appliance.LibC), "FilesystemStatistics", "statvfs64", pointer,
                "f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail", "", "f_flag"),
            .. Structure(typeof(Appliance.LibC), "BrokenDownTime", "tm", pointer, "", "tm_gmtoff", "tm_zone"),
            .. Structure(typeof(Appliance.LibC), "NetlinkAddress", "sockaddr_nl", pointer, "nl_family", "", "", "nl_groups"),
            .. Structure(typeof(RouteMessage), "Header", "nlmsghdr", pointer, "nlmsg_len", "nlmsg_type", "nlmsg_flags", "", ""),
            .. Structure(typeof(RouteMessage), "Link", "ifinfomsg", pointer, "", "", "", "ifi_index", "", ""),
            .. Structure(typeof(RouteMessage), "Neighbour", "ndmsg", pointer, "ndm_family", "", "", "ndm_ifindex", "ndm_state", "", ""),
            .. Structure(typeof(RouteMessage), "Attribute", "rtattr", pointer, "rta_len", "rta_type"),
            // DescriptorLimit does not call C where words are shorter.
            .. pointer == 8 ? Structure(typeof(DescriptorLimit), "Limit", "rlimit", pointer, "rlim_cur", "rlim_max") : [],
        ];
    }

    /// <summary>What may be larger than in C: what the library writes into, and a time, whose low half comes first.</summary>
    public static IEnumerable<(string InC, long Most)> Room(Architecture machine) =>
    [
        ("sizeof(struct statvfs64)", Layout(typeof(Appliance.LibC.FilesystemStatistics), PointerOn(machine)).Size),
        ("sizeof(sigset_t)", sizeof(ulong) * Constant(typeof(LibC), "SignalSetWords")),
        ("sizeof(time_t)", sizeof(long)), // 4 on linux-arm, where localtime_r is linked as the one that takes 8
    ];

    private static int PointerOn(Architecture machine) => machine is Architecture.Arm or Architecture.X86 ? 4 : 8;

    private static IEnumerable<MethodInfo> CallsOfC() =>
        from assembly in (Assembly[])[typeof(LibC).Assembly, typeof(Appliance.LibC).Assembly]
        from type in assembly.GetTypes()
        from method in type.GetMethods(Every)
        where method.GetCustomAttribute<LibraryImportAttribute>()?.LibraryName == "libc"
        select method;

    private static string EntryPoint(MethodInfo call) => call.GetCustomAttribute<LibraryImportAttribute>()!.EntryPoint!;

    private static long Constant(Type type, string name)
    {
        object value = type.GetField(name, Every)!.GetRawConstantValue()!;
        return Convert.ToInt64(value, CultureInfo.InvariantCulture);
    }

    private static int WidthOf(string function, int parameter, int pointer)
    {
        MethodInfo method = CallsOfC().First(call => EntryPoint(call) == function);
        return WidthOf(parameter < 0 ? method.ReturnType : method.GetParameters()[parameter].ParameterType, pointer);
    }

    private static int WidthOf(Type type, int pointer)
    {
        if (type.IsPointer || type == typeof(nint) || type == typeof(nuint))
            return pointer;
        return type.IsPrimitive ? Marshal.SizeOf(type) : Layout(type, pointer).Size;
    }

    /// <summary>Where each member is that has a name here, and the size where every member has one.</summary>
    private static IEnumerable<(string InC, long Value)> Structure(
        Type owner, string name, string inC, int pointer, params string[] members)
    {
        (int[] offsets, int size, _) = Layout(owner.GetNestedType(name, Every)!, pointer);
        for (int i = 0; i < members.Length; i++)
        {
            if (members[i].Length > 0)
                yield return ($"offsetof(struct {inC}, {members[i]})", offsets[i]);
        }
        if (offsets.Length == members.Length)
            yield return ($"sizeof(struct {inC})", size);
    }

    /// <summary>How a sequential structure lies on a machine that this one need not be: every member at a multiple of its width.</summary>
    private static (int[] Offsets, int Size, int Alignment) Layout(Type structure, int pointer)
    {
        FieldInfo[] fields =
            [.. structure.GetFields(Every).Where(field => !field.IsStatic).OrderBy(field => field.MetadataToken)];
        int[] offsets = new int[fields.Length];
        int end = 0, widest = 1;
        for (int i = 0; i < fields.Length; i++)
        {
            Type type = fields[i].FieldType;
            int width = WidthOf(type, pointer);
            int alignment = type.IsPrimitive || type.IsPointer ? width : Layout(type, pointer).Alignment;
            widest = Math.Max(widest, alignment);
            offsets[i] = RoundUp(end, alignment);
            end = offsets[i] + width;
        }
        int times = structure.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;
        return (offsets, RoundUp(end, widest) * times, widest);
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
