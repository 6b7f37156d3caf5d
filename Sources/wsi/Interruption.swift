import ArgumentParser
import Files
import Foundation
import Pipeline
import Records
import Storage

/// Ends the program on SIGINT, SIGTERM, SIGHUP and SIGQUIT with a word on how to go on; nothing unfinished is left.
enum Interruption {
    private static let signals: [(number: Int32, status: ExitStatus)] = [
        (SIGINT, .interrupted), (SIGTERM, .terminated), (SIGHUP, .hangup), (SIGQUIT, .quit),
    ]

    // Written once, before the handlers are in force; a handler may do no more than raise a semaphore.
    nonisolated(unsafe) private static var raised: UnsafeMutablePointer<sem_t>?
    nonisolated(unsafe) private static var number: sig_atomic_t = 0

    /// Has one thread of its own end the program: in a handler next to nothing may be done, and which thread is interrupted
    /// nobody knows. Child processes do not inherit it: their signals are reset when they are started.
    /// - Throws: `Failure` where no thread can be made.
    static func install() throws {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        guard sem_init(semaphore, 0, 0) == 0 else {
            throw Failure(.limit, nil, MachineLimit.words(of: "sem_init", errno: errno))
        }
        raised = semaphore
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { _ in Interruption.wait() }, nil)
        guard status == 0 else { throw Failure(.limit, nil, MachineLimit.words(of: "pthread_create", errno: status)) }
        pthread_detach(thread)
        for (number, _) in signals where !(number == SIGHUP && isIgnored(number)) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                if Interruption.number == 0 { Interruption.number = number }
                if let raised = Interruption.raised { sem_post(raised) }
            }
            action.sa_flags = SA_RESTART
            guard sigaction(number, &action, nil) == 0 else {
                throw Failure(.bug, nil, "sigaction: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// `nohup` has a command outlive its terminal.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        return sigaction(number, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func wait() -> UnsafeMutableRawPointer? {
        while true {
            guard let raised, sem_wait(raised) == 0,
                let status = signals.first(where: { $0.number == number })?.status
            else { continue }
            Ending.leaveNow(status) {
                let goesOn = CommandLine.arguments.dropFirst().first != BenchCommand.configuration.commandName
                let way = goesOn ? "the same command goes on where this one stopped" : "nothing of it is left"
                Console.line("wsi: interrupted; \(way)")
            }
        }
    }
}
