import Files
import Foundation
import Storage

/// A process of a host, told from later ones of the same number by when it started.
struct ProcessMark: Codable, Equatable, Sendable {
    var host: String
    var number: Int32
    /// In ticks after the boot.
    var start: String
    /// Which boot of the host; nil in records of earlier versions.
    var boot: String?
    /// In which its number counts: containers of one name on one machine have each their own; nil in records of earlier versions.
    var namespace: String?

    static func own() -> ProcessMark {
        let own = ProcessTag.own
        return ProcessMark(
            host: ProcessInfo.processInfo.hostName,
            number: own.process,
            start: own.start,
            boot: own.boot,
            namespace: own.namespace
        )
    }

    /// nil where that is another host's matter, or another container's, whose processes cannot be seen from here.
    ///
    /// What began before the last boot is gone. Machines that share a name would say so of each other's processes: whatever a
    /// stage does is checked when it is recorded, too.
    var isAlive: Bool? {
        let own = ProcessTag.own
        guard host == ProcessInfo.processInfo.hostName else { return nil }
        if let boot, boot != own.boot { return [boot, own.boot].contains(ProcessTag.unknown) ? nil : false }
        if let namespace, namespace != own.namespace { return nil }
        guard let state = ProcessState.of(number) else { return false }
        return !state.hasEnded && state.start == start
    }
}
