import Files
import Foundation
import Records
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The process that started this one: it asks over our stdin, which it holds open as long as it lives, and hears us over our stdout.
public final class ParentProcess: Sendable {
    private let inbox = Mutex(FrameDecoder(from: "wsi"))
    /// Our stdout, as it was.
    private let outbox: Mutex<Int32>

    /// Takes stdout for frames, and says hello. What a library prints there from now on goes nowhere; where the system does not
    /// give the descriptors for that, it goes between the frames, and whole lines do no harm there.
    /// - Throws: `StorageError` where nobody reads.
    public init() throws {
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        let nothing = descriptor < 0 ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, STDOUT_FILENO)
            close(nothing)
        }
        outbox = Mutex(descriptor < 0 ? STDOUT_FILENO : descriptor)
        try write(Frame.hello)
    }

    /// The next frame that it sent; nil once it is gone.
    /// - Throws: `Failure` (usage) where it is of another build; `StorageError` where what it says is no frame.
    public func next() throws -> Frame? {
        try inbox.withLock { decoder in
            var room = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                if let frame = try decoder.next() { return frame }
                let count = room.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
                if count == 0 { return nil }
                if count > 0 {
                    room.withUnsafeBytes { decoder.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                } else if errno != EINTR {
                    throw StorageError.system(path: "standard input", call: "read", errno: errno)
                }
            }
        }
    }

    /// Reads the one question; after that the end of stdin ends this process.
    /// - Throws: as `next`, and `Failure` (usage) for another question, or none.
    public func question<Question: Decodable>(_ type: Question.Type) throws -> Question {
        guard let frame = try next() else {
            throw Failure(.usage, nil, "standard input is empty; a question in a frame is wanted")
        }
        Self.watch()
        return try frame.value(type, of: .question)
    }

    /// From any thread.
    /// - Throws: `StorageError` where nobody reads.
    public func send(_ frame: Frame) throws { try write(frame.encoded()) }

    private func write(_ data: Data) throws {
        // Two frames must not be mixed.
        try outbox.withLock { descriptor in
            try data.withUnsafeBytes { try AtomicFile.writeAll($0, to: descriptor, path: "standard output") }
        }
    }

    /// From now on the end of stdin ends this process, with what it has begun to write. Nothing more can be read.
    ///
    /// A signal on the parent's death would be no help: Linux sends it when the parent's *thread* ends.
    public static func watch() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            var count = 1
            while count > 0 || (count < 0 && errno == EINTR) { count = read(STDIN_FILENO, &byte, 1) }
            Temporaries.discardAll()
            _exit(ExitStatus.terminated.rawValue)
        }
    }

    /// A terminal sends these to every process of a command. What they mean is the parent's to decide, which ends this one.
    public static func leaveTerminalSignalsToIt() {
        for number in [SIGINT, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
    }

    /// Yields to others as much as the command does. libdispatch gives its threads a niceness of their own, and what one of them starts
    /// begins with that, not with what `nice` gave to the command.
    public static func takeOnItsNiceness() {
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        // -1 tells an error, too; below 0 there is nothing to yield.
        let wanted = getpriority(process, id_t(getppid()))
        if wanted > getpriority(process, 0) { _ = setpriority(process, 0, wanted) }
    }
}
