import Foundation
import Records
import Storage

/// The part of a job's patches that a race is run with.
enum BenchPatches {
    /// So many of each slide that together they are as many as wanted: the same number of all that have it.
    /// - Returns: no more than `counts` each; all of them where there are not enough.
    static func shares(of counts: [Int], wanted: Int) -> [Int] {
        var shares = counts.map { _ in 0 }
        var left = max(0, wanted)
        var open = counts.indices.filter { counts[$0] > 0 }
        while left > 0, !open.isEmpty {
            let each = max(1, left / open.count)
            for index in open {
                let more = min(each, counts[index] - shares[index], left)
                shares[index] += more
                left -= more
            }
            open.removeAll { shares[$0] == counts[$0] }
        }
        return shares
    }

    /// Leaves so many patches of each tiled slide in the job, and records it; slides with none of them are taken out.
    /// - Returns: the records of those that stay.
    /// - Throws: `StorageError`.
    static func cut(_ tiled: [Outcome], to wanted: Int, in layout: JobLayout) throws -> [Outcome] {
        let shares = shares(of: tiled.map { Int($0[.patches] ?? 0) }, wanted: wanted)
        var kept: [Outcome] = []
        for (outcome, share) in zip(tiled, shares) {
            let record = layout.outcome(stage: .tile, outcome.unit)
            guard share > 0 else {
                try FileManager.default.removeItem(at: record)
                continue
            }
            var outcome = outcome
            let file = layout.patches(in: layout.grid(outcome[.grid] ?? ""), outcome.slide)
            var (grid, attributes) = try PatchFile.read(file)
            grid.corners = Array(grid.corners.prefix(share))
            try PatchFile.write(grid, attributes: attributes, to: file)
            outcome[.patches] = Double(share)
            try outcome.record([file], in: layout)
            try outcome.write(to: record)
            kept.append(outcome)
        }
        return kept
    }
}
