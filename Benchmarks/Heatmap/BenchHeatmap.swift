import Files
import Foundation
import Records
import Sample
import Storage

/// Seconds and memory of `wsi heatmap` for a slide of 100,000 patches, as a user waits for them: a whole process with its
/// one worker. Every run begins with PNG and CSV; the others add a flag. The last line is one JSON object.
///
///     bench-heatmap FOLDER WSI       FOLDER keeps the job that is made; WSI is the program
@main
struct BenchHeatmap {
    static func main() {
        do { try run() } catch {
            FileHandle.standardError.write(Data("bench-heatmap: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 2 else {
            throw Failure(.usage, nil, "usage: bench-heatmap FOLDER WSI")
        }
        let job = try LargeJob(folder: URL(filePath: arguments[0]).standardizedFileURL, program: arguments[1])
        var summary: [String: Any] = ["patches": job.patches]
        // The first run also brings the slide's file into memory.
        try job.draw([])
        for (name, flags) in [
            ("png_and_csv", []), ("geojson", ["--geojson"]), ("overlay", ["--overlay"]), ("tiles", ["--tiles"]),
        ] {
            let spent = try job.draw(flags)
            print("\(name): \(spent.wall) s, \(spent.cpu) s of CPU, \(spent.megabytes) MB")
            summary["\(name)_s"] = spent.wall
            summary["\(name)_cpu_s"] = spent.cpu
            summary["\(name)_mb"] = spent.megabytes
        }
        let line = try JSONSerialization.data(withJSONObject: summary, options: [.sortedKeys])
        print(String(decoding: line, as: UTF8.self))
    }
}
