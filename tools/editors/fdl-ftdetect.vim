autocmd BufRead,BufNewFile *.fdl setfiletype fdl
