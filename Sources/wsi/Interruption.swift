import Dispatch
import Foundation
import Records

/// Ends the program on SIGINT and SIGTERM with a word on how to go on. Children see the end of their stdin and end too;
/// nothing unfinished has a final name.
enum Interruption {
    static func install() {
        for (number, status) in [(SIGINT, ExitStatus.interrupted), (SIGTERM, .terminated)] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                Console.line("\nwsi: interrupted; the same command goes on where this one stopped")
                Foundation.exit(status.rawValue)
            }
            source.activate()
            sources.append(source)
        }
    }

    // Written once, before any other thread exists; a source must be kept alive to fire.
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []
}
