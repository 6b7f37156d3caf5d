import Foundation
import Testing

/// What `nice` gives to a command holds for the processes that do its work.
@Suite struct NicenessTests {
    @Test(arguments: ["wsi worker", "wsi-compute train"]) func aWorkerYieldsAsItsCommandDoes(started: String) throws {
        // The shell becomes nice after it has started the worker, as a thread of libdispatch starts one that is not.
        let script = """
            go=$(mktemp)
            sleep 20 | ( while [ -e "$go" ]; do sleep 0.1; done; exec "$(dirname "$1")"/\(started) > /dev/null ) & child=$!
            renice -n 5 -p $$ > /dev/null
            rm "$go"
            for _ in $(seq 100); do
              nice=$(cut -d' ' -f19 /proc/$child/stat)
              [ "$nice" = 5 ] && break
              sleep 0.1
            done
            kill $child
            echo "$nice"
            """
        let done = try Command.run(shell: script)
        #expect(done.output.trimmingCharacters(in: .whitespacesAndNewlines) == "5", "\(done.errors)")
    }
}
