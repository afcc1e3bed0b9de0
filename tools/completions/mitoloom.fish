# fish completion of mitoloom; the program itself says how a word may go on.
function __mitoloom_complete
    set -l words (commandline -opc) (commandline -ct)
    for found in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$found" = @files
            set -l word $words[-1]
            set -l kept ''
            if string match -q '*=*' -- $word
                set kept (string replace -r '=.*' '=' -- $word)
            end
            for name in (__fish_complete_path (string replace -- "$kept" '' $word))
                echo $kept$name
            end
        else
            echo $found
        end
    end
end
complete -c mitoloom -f -a '(__mitoloom_complete)'
