import Foundation
import Pipeline
import Records
import Storage

/// Ends the program on SIGINT, SIGTERM, SIGHUP and SIGQUIT with a word on how to go on; nothing unfinished is left.
enum Interruption {
    private static let signals: [(number: Int32, status: ExitStatus)] = [
        (SIGINT, .interrupted), (SIGTERM, .terminated), (SIGHUP, .hangup), (SIGQUIT, .quit),
    ]

    /// To be called before any other thread exists: all of them inherit that these signals wait for the one thread that
    /// takes them. Child processes do not inherit it: their signals are reset when they are started.
    /// - Throws: `Failure` where no thread can be made.
    static func install() throws {
        var handled = sigset_t()
        sigemptyset(&handled)
        for (number, _) in signals where !(number == SIGHUP && isIgnored(number)) {
            // Ignored signals would never wait; background jobs of scripts begin with an ignored SIGINT.
            signal(number, SIG_DFL)
            sigaddset(&handled, number)
        }
        pthread_sigmask(SIG_BLOCK, &handled, nil)
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { _ in Interruption.wait() }, nil)
        guard status == 0 else {
            pthread_sigmask(SIG_UNBLOCK, &handled, nil)
            throw Failure(.limit, nil, MachineLimit.words(of: "pthread_create", errno: status))
        }
        pthread_detach(thread)
    }

    /// `nohup` has a command outlive its terminal.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return sigaction(number, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func wait() -> UnsafeMutableRawPointer? {
        var awaited = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &awaited)
        for number: Int32 in 1..<32 where !signals.contains(where: { $0.number == number }) {
            sigdelset(&awaited, number)
        }
        var number: Int32 = 0
        while true {
            // Later ones wait for ever: whoever sends two wants the same thing.
            guard sigwait(&awaited, &number) == 0, let status = signals.first(where: { $0.number == number })?.status
            else { continue }
            Console.line("\nwsi: interrupted; the same command goes on where this one stopped")
            Ending.leaveNow(status)
        }
    }
}
